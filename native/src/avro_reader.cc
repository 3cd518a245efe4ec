// Nothing is trusted: lengths and counts are checked against what is left of the message, depth of
// recursive schemas and the number of elements without bytes are limited.
#include "flott/avro.h"
#include "flott/utf8.h"

namespace flott {
namespace {

constexpr int kDepthMax = 200;
constexpr std::int64_t kEmptyElementsMax = 1 << 16;

[[noreturn]] void fail(std::string reason) { fail_message(std::move(reason)); }

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

Int128 power_of_ten(std::int64_t exponent) {
  Int128 power = 1;
  for (std::int64_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

class Decoder {
 public:
  explicit Decoder(const std::vector<AvroNode>& nodes) : nodes_(nodes) {}

  void start(std::string_view bytes) {
    at_ = bytes.data();
    end_ = at_ + bytes.size();
    depth_ = 0;
  }
  bool done() const { return at_ == end_; }

  template <typename ColumnAt>
  void read_record(const AvroNode& node, ColumnAt&& column_at) {
    const std::size_t count = node.children.size();
    for (std::size_t i = 0; i < count; ++i) {
      const AvroNode& child = nodes_[node.children[i]];
      try {
        if (node.numbers[i] < 0) {
          skip(child);
        } else {
          read(child, column_at(static_cast<std::size_t>(node.numbers[i])));
        }
      } catch (Malformed& malformed) {
        malformed.enter(node.texts[i]);
        throw;
      }
    }
  }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::int64_t whole() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) fail("the message ends within a number");
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (!(byte & 0x80)) return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    fail("a number has more than 10 bytes");
  }

  std::int64_t checked_whole(bool is_int) {
    const std::int64_t value = whole();
    if (is_int && value != static_cast<std::int32_t>(value)) fail("a number is too large for an int");
    return value;
  }

  std::string_view take(std::int64_t size) {
    if (size < 0) fail("a length is negative");
    if (static_cast<std::uint64_t>(size) > left()) {
      fail(std::to_string(size) + " bytes are announced, " + std::to_string(left()) + " are left");
    }
    const std::string_view bytes(at_, static_cast<std::size_t>(size));
    at_ += size;
    return bytes;
  }

  std::string_view text(std::string_view bytes) {
    if (!is_utf8(bytes)) fail("a text is not UTF-8");
    return bytes;
  }

  double real(std::int64_t size) {
    const char* const bytes = take(size).data();
    if (size == 4) {
      float value;
      std::memcpy(&value, bytes, sizeof value);
      return value;
    }
    double value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }

  // Calls each once for every element of an array or map.
  template <typename Each>
  void elements(Each&& each) {
    std::int64_t empty = 0;
    for (;;) {
      std::int64_t count = whole();
      if (count == 0) return;
      if (count < 0) {
        if (count == INT64_MIN) fail("a count is out of range");
        count = -count;
        whole();
      }
      for (std::int64_t i = 0; i < count; ++i) {
        const char* const before = at_;
        each();
        if (at_ == before && ++empty > kEmptyElementsMax) fail("an array has too many elements without bytes");
      }
    }
  }

  const AvroNode& branch(const AvroNode& node) {
    const std::int64_t index = whole();
    if (index < 0 || static_cast<std::size_t>(index) >= node.children.size()) {
      fail("a union has no branch " + std::to_string(index));
    }
    return nodes_[node.children[static_cast<std::size_t>(index)]];
  }

  template <typename T>
  static void push_fitting(ColumnBuilder& out, std::int64_t value) {
    const T small = static_cast<T>(value);
    if (small != value) fail(std::to_string(value) + " does not fit the column");
    out.push<T>(small);
  }

  void read_whole(const AvroNode& node, ColumnBuilder& out) {
    const std::int64_t read = checked_whole(node.numbers[2] != 0);
    std::int64_t value = read;
    if (node.numbers[1] != 1) value = floor_divide(value, node.numbers[1]);
    if (__builtin_mul_overflow(value, node.numbers[0], &value)) fail(std::to_string(read) + " does not fit the column");
    if (value < node.numbers[4] || value > node.numbers[5]) fail(std::to_string(read) + " does not fit the column");
    switch (node.numbers[3]) {
      case 8: return push_fitting<std::int8_t>(out, value);
      case 16: return push_fitting<std::int16_t>(out, value);
      case 32: return push_fitting<std::int32_t>(out, value);
      default: return out.push<std::int64_t>(value);
    }
  }

  static void push_real(const AvroNode& node, double value, ColumnBuilder& out) {
    if (node.numbers[1] == 32) {
      out.push<float>(static_cast<float>(value));
    } else {
      out.push<double>(value);
    }
  }

  void read_decimal(const AvroNode& node, ColumnBuilder& out) {
    const std::string_view bytes = take(node.numbers[0] < 0 ? whole() : node.numbers[0]);
    if (bytes.empty()) fail("a decimal has no bytes");
    const char sign = (bytes[0] & 0x80) ? '\xFF' : '\0';
    std::size_t first = 0;
    while (bytes.size() - first > 16 && bytes[first] == sign) ++first;
    if (bytes.size() - first > 16) fail("a decimal does not fit the column");
    unsigned __int128 bits = sign ? ~static_cast<unsigned __int128>(0) : 0;
    for (std::size_t i = first; i < bytes.size(); ++i) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    const auto value = static_cast<Int128>(bits);
    const Int128 limit = power_of_ten(node.numbers[1] - node.numbers[2]);
    if ((value < 0) != (sign != 0) || value >= limit || value <= -limit) fail("a decimal does not fit the column");
    out.push<Int128>(value * power_of_ten(node.numbers[2]));
  }

  void read_array(const AvroNode& node, ColumnBuilder& out) {
    const AvroNode& item = nodes_[node.children[0]];
    elements([&] { read(item, out.child(0)); });
    out.close_list();
  }

  void read_map(const AvroNode& node, ColumnBuilder& out) {
    const AvroNode& value = nodes_[node.children[0]];
    ColumnBuilder& entry = out.child(0);
    elements([&] {
      entry.child(0).push_bytes(text(take(whole())));
      read(value, entry.child(1));
      entry.close_struct();
    });
    out.close_list();
  }

  void read_constant(const AvroNode& node, ColumnBuilder& out) {
    const char* const at = at_;
    const char* const end = end_;
    at_ = node.texts[0].data();
    end_ = at_ + node.texts[0].size();
    read(nodes_[node.children[0]], out);
    at_ = at;
    end_ = end;
  }

  void read_bool(ColumnBuilder& out) {
    const char value = take(1)[0];
    if (value != 0 && value != 1) fail("a boolean is neither 0 nor 1");
    out.push<std::uint8_t>(static_cast<std::uint8_t>(value));
  }

  void read_enum(const AvroNode& node, ColumnBuilder& out) {
    const std::int64_t index = checked_whole(true);
    if (index < 0 || static_cast<std::size_t>(index) >= node.texts.size()) {
      fail("an enum has no symbol " + std::to_string(index));
    }
    out.push_bytes(node.texts[static_cast<std::size_t>(index)]);
  }

  void read_fixed(const AvroNode& node, ColumnBuilder& out) {
    const std::string_view bytes = take(node.numbers[0]);
    out.push_bytes(node.numbers[1] ? text(bytes) : bytes);
  }

  void read(const AvroNode& node, ColumnBuilder& out) {
    switch (static_cast<AvroRead>(node.op)) {
      case AvroRead::kNull: return out.push_null();
      case AvroRead::kBool: return read_bool(out);
      case AvroRead::kWhole: return read_whole(node, out);
      case AvroRead::kReal: return push_real(node, real(node.numbers[0]), out);
      case AvroRead::kWholeToReal:
        return push_real(node, static_cast<double>(checked_whole(node.numbers[0] != 0)), out);
      case AvroRead::kText: return out.push_bytes(text(take(whole())));
      case AvroRead::kBytes: return out.push_bytes(take(whole()));
      case AvroRead::kFixed: return read_fixed(node, out);
      case AvroRead::kEnum: return read_enum(node, out);
      case AvroRead::kDecimal: return read_decimal(node, out);
      case AvroRead::kRecord:
        read_record(node, [&](std::size_t i) -> ColumnBuilder& { return out.child(i); });
        return out.close_struct();
      case AvroRead::kArray: return read_array(node, out);
      case AvroRead::kMap: return read_map(node, out);
      case AvroRead::kUnion: return read(branch(node), out);
      case AvroRead::kConstant: return read_constant(node, out);
      case AvroRead::kFail: fail(node.texts[0]);
      default: fail("the program is broken");
    }
  }

  // Passes over what no column takes.
  void skip(const AvroNode& node) {
    if (++depth_ > kDepthMax) fail("values are nested too deeply");
    switch (static_cast<AvroRead>(node.op)) {
      case AvroRead::kSkipWhole: whole(); break;
      case AvroRead::kSkipFixed: take(node.numbers[0]); break;
      case AvroRead::kSkipBytes: take(whole()); break;
      case AvroRead::kSkipArray: elements([&] { skip(nodes_[node.children[0]]); }); break;
      case AvroRead::kSkipMap:
        elements([&] {
          take(whole());
          skip(nodes_[node.children[0]]);
        });
        break;
      case AvroRead::kSkipUnion: skip(branch(node)); break;
      case AvroRead::kSkipRecord:
        for (std::uint32_t child : node.children) skip(nodes_[child]);
        break;
      default: fail("the program is broken");
    }
    --depth_;
  }

  const std::vector<AvroNode>& nodes_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  int depth_ = 0;
};

// How many numbers and children a node has at least.
void check_node(const AvroNode& node, std::size_t count) {
  const auto need = [&](std::size_t numbers, std::size_t texts, std::size_t children) {
    if (node.numbers.size() < numbers || node.texts.size() < texts || node.children.size() < children) {
      throw std::invalid_argument("no program to read Avro");
    }
  };
  if (node.op < 0 || node.op >= static_cast<int>(AvroRead::kCount)) throw std::invalid_argument("no program to read Avro");
  for (std::uint32_t child : node.children) {
    if (child >= count) throw std::invalid_argument("no program to read Avro");
  }
  switch (static_cast<AvroRead>(node.op)) {
    case AvroRead::kWhole: return need(6, 0, 0);
    case AvroRead::kReal: case AvroRead::kWholeToReal: case AvroRead::kFixed: return need(2, 0, 0);
    case AvroRead::kDecimal: return need(3, 0, 0);
    case AvroRead::kRecord: return need(node.children.size(), node.children.size(), 0);
    case AvroRead::kArray: case AvroRead::kMap: case AvroRead::kSkipArray: case AvroRead::kSkipMap: return need(0, 0, 1);
    case AvroRead::kConstant: return need(0, 1, 1);
    case AvroRead::kFail: return need(0, 1, 0);
    case AvroRead::kSkipFixed: return need(1, 0, 0);
    default: return;
  }
}

}  // namespace

AvroReader::AvroReader(std::vector<AvroNode> nodes, std::vector<ColumnType> columns)
    : nodes_(std::move(nodes)), columns_(std::move(columns)) {
  for (const AvroNode& node : nodes_) check_node(node, nodes_.size());
  if (nodes_.empty() || nodes_.back().op != static_cast<int>(AvroRead::kRecord)) {
    throw std::invalid_argument("no program to read Avro");
  }
}

void AvroReader::read_messages(const Column& messages, std::int64_t prefix, Batch& out, std::vector<Slot>& rows,
                               std::vector<MessageFault>& faults) const {
  Decoder decoder(nodes_);
  const auto read_row = [&](std::string_view message, std::vector<ColumnBuilder>& columns) {
    if (static_cast<std::int64_t>(message.size()) < prefix) fail("the message is too short");
    message.remove_prefix(static_cast<std::size_t>(prefix));
    decoder.start(message);
    decoder.read_record(nodes_.back(), [&](std::size_t i) -> ColumnBuilder& { return columns[i]; });
  };
  read_rows(messages, columns_, read_row, out, rows, faults);
}

void AvroReader::read_block(std::string_view block, std::int64_t count, Batch& out) const {
  std::vector<ColumnBuilder> columns = fresh_columns(columns_);
  const auto column_at = [&](std::size_t i) -> ColumnBuilder& { return columns[i]; };
  Decoder decoder(nodes_);
  decoder.start(block);
  try {
    for (std::int64_t row = 0; row < count; ++row) decoder.read_record(nodes_.back(), column_at);
  } catch (const Malformed& malformed) {
    throw std::invalid_argument(malformed.text());
  }
  if (!decoder.done()) throw std::invalid_argument("a block has more bytes than its records");
  for (ColumnBuilder& column : columns) out.add(std::move(column));
}

}  // namespace flott
