// Values of plain columns are read from the columns; nested ones from their canonical encoding
// (value_codec.h), which has a 0 for NULL or a 1 before each value.
#include "flott/avro.h"
#include "flott/value_codec.h"

namespace flott {
namespace {

// What cannot be written, and in which field: `path` grows from the inside out.
struct Unwritable {
  std::string path;
  std::string reason;

  std::string text() const { return path.empty() ? reason : "field '" + path + "': " + reason; }
};

[[noreturn]] void fail(std::string reason) { throw Unwritable{"", std::move(reason)}; }

Int128 power_of_ten(std::int64_t exponent) {
  Int128 power = 1;
  for (std::int64_t i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::int64_t whole_at(const void* values, Storage storage, std::int64_t row) {
  switch (storage) {
    case Storage::kInt8: return static_cast<const std::int8_t*>(values)[row];
    case Storage::kInt16: return static_cast<const std::int16_t*>(values)[row];
    case Storage::kInt32: return static_cast<const std::int32_t*>(values)[row];
    case Storage::kInt64: return static_cast<const std::int64_t*>(values)[row];
    default: throw std::logic_error("a column of whole numbers is needed here");
  }
}

double real_at(const void* values, Storage storage, std::int64_t row) {
  if (storage == Storage::kFloat32) return static_cast<const float*>(values)[row];
  if (storage == Storage::kFloat64) return static_cast<const double*>(values)[row];
  throw std::logic_error("a column of real numbers is needed here");
}

class Encoder {
 public:
  Encoder(const std::vector<AvroNode>& nodes, Buffer& out) : nodes_(nodes), out_(out) {}

  void write_row(Frame& frame, std::int64_t row) {
    try {
      write_parts(frame, row);
    } catch (const Unwritable& unwritable) {
      throw AvroUnwritable(row, unwritable.text());
    }
  }

 private:
  void write_parts(Frame& frame, std::int64_t row) {
    const AvroNode& record = nodes_.back();
    for (std::size_t i = 0; i < record.children.size(); ++i) {
      const AvroNode& child = nodes_[record.children[i]];
      try {
        if (record.numbers[i] < 0) {
          append(child.texts[0]);
        } else {
          const auto index = static_cast<std::size_t>(record.numbers[i]);
          write_cell(child, frame.column(index), frame.type(index), row);
        }
      } catch (Unwritable& unwritable) {
        unwritable.path = record.texts[i] + (unwritable.path.empty() ? "" : "." + unwritable.path);
        throw;
      }
    }
  }

  void append(std::string_view bytes) { out_.append(bytes.data(), bytes.size()); }

  void whole(std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    char bytes[10];
    std::size_t size = 0;
    while (bits > 0x7F) {
      bytes[size++] = static_cast<char>(bits | 0x80);
      bits >>= 7;
    }
    bytes[size++] = static_cast<char>(bits);
    out_.append(bytes, size);
  }

  // Writes which branch of a union follows; false if there is nothing more to write.
  bool begin(const AvroNode& node, bool is_valid) {
    if (!is_valid) {
      if (node.null_branch >= 0) {
        whole(node.null_branch);
      } else if (static_cast<AvroWrite>(node.op) != AvroWrite::kNull) {
        fail("the schema has no null here, and the value is NULL");
      }
      return false;
    }
    if (node.value_branch >= 0) whole(node.value_branch);
    return true;
  }

  void write_whole(const AvroNode& node, std::int64_t value) {
    const std::int64_t by = node.numbers[0];
    std::int64_t number = value / by - (value % by < 0 ? 1 : 0);
    const bool overflows = __builtin_mul_overflow(number, node.numbers[1], &number);
    if (overflows || (node.numbers[2] && number != static_cast<std::int32_t>(number))) {
      fail(std::to_string(value) + " is too large for the schema");
    }
    whole(number);
  }

  void write_real(const AvroNode& node, double value) {
    if (node.numbers[0] == 4) {
      const auto small = static_cast<float>(value);
      out_.append(&small, sizeof small);
    } else {
      out_.append(&value, sizeof value);
    }
  }

  void write_bytes(const AvroNode& node, std::string_view bytes) {
    switch (static_cast<AvroWrite>(node.op)) {
      case AvroWrite::kFixed:
        if (static_cast<std::int64_t>(bytes.size()) != node.numbers[0]) {
          fail("the schema has " + std::to_string(node.numbers[0]) + " bytes, the value " + std::to_string(bytes.size()));
        }
        return append(bytes);
      case AvroWrite::kEnum:
        for (std::size_t i = 0; i < node.texts.size(); ++i) {
          if (node.texts[i] == bytes) return whole(static_cast<std::int64_t>(i));
        }
        fail("the schema's enum has no such symbol");
      default:
        whole(static_cast<std::int64_t>(bytes.size()));
        append(bytes);
    }
  }

  void write_decimal(const AvroNode& node, Int128 value) {
    Int128 number;
    if (__builtin_mul_overflow(value, power_of_ten(node.numbers[1]), &number)) fail("a decimal is too large for the schema");
    char bytes[16];
    for (int i = 15; i >= 0; --i, number >>= 8) bytes[i] = static_cast<char>(number & 0xFF);
    const char sign = (bytes[0] & 0x80) ? '\xFF' : '\0';
    int first = 0;
    // Leading bytes that only repeat the sign are left out.
    while (first < 15 && bytes[first] == sign && ((bytes[first + 1] ^ sign) & 0x80) == 0) ++first;
    const int size = 16 - first;
    if (node.numbers[0] < 0) {
      whole(size);
    } else {
      if (size > node.numbers[0]) fail("a decimal is too large for the schema");
      for (std::int64_t i = size; i < node.numbers[0]; ++i) out_.append(&sign, 1);
    }
    out_.append(bytes + first, static_cast<std::size_t>(size));
  }

  // A value of a column that is not nested.
  void write_plain(const AvroNode& node, const void* values, Storage storage, std::int64_t row) {
    switch (static_cast<AvroWrite>(node.op)) {
      case AvroWrite::kBool: {
        const char value = static_cast<const char*>(values)[row];
        out_.append(&value, 1);
        return;
      }
      case AvroWrite::kWhole: return write_whole(node, whole_at(values, storage, row));
      case AvroWrite::kReal: return write_real(node, real_at(values, storage, row));
      case AvroWrite::kDecimal: {
        Int128 value;
        std::memcpy(&value, static_cast<const char*>(values) + row * 16, sizeof value);
        return write_decimal(node, value);
      }
      default: throw std::logic_error("a program to write Avro does not fit its column");
    }
  }

  void write_cell(const AvroNode& node, const Column& column, const ColumnType& type, std::int64_t row) {
    const bool is_valid = column.is_valid(row);
    if (!type.is_nested()) {
      if (!begin(node, is_valid)) return;
      if (column.storage == Storage::kBytes) return write_bytes(node, column.bytes(row));
      return write_plain(node, column.values<char>(), column.storage, row);
    }
    if (!is_valid) {
      begin(node, false);
      return;
    }
    const char* at = column.bytes(row).data();
    write_encoded(node, type, at);
  }

  // An encoded value at `at`, which is moved past it.
  void write_encoded(const AvroNode& node, const ColumnType& type, const char*& at) {
    if (!begin(node, *at++ != 0)) return;
    if (type.is_nested()) {
      if (type.format[1] == 's') return write_fields(node, type, at);
      return write_elements(node, type, at);
    }
    const Storage storage = type.storage();
    if (storage == Storage::kBytes) {
      const auto size = take<std::uint32_t>(at);
      write_bytes(node, {at, size});
      at += size;
      return;
    }
    alignas(16) char value[16];
    const std::size_t width = width_of(storage);
    std::memcpy(value, at, width);
    at += width;
    write_plain(node, value, storage, 0);
  }

  void write_fields(const AvroNode& node, const ColumnType& type, const char*& at) {
    // The schema may have the fields in another order than the column.
    std::vector<const char*> parts;
    for (const ColumnType& child : type.children) {
      parts.push_back(at);
      pass_over(child, at);
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const AvroNode& child = nodes_[node.children[i]];
      try {
        if (node.numbers[i] < 0) {
          append(child.texts[0]);
        } else {
          const auto index = static_cast<std::size_t>(node.numbers[i]);
          const char* part = parts.at(index);
          write_encoded(child, type.children[index], part);
        }
      } catch (Unwritable& unwritable) {
        unwritable.path = node.texts[i] + (unwritable.path.empty() ? "" : "." + unwritable.path);
        throw;
      }
    }
  }

  void write_elements(const AvroNode& node, const ColumnType& type, const char*& at) {
    const auto count = take<std::uint32_t>(at);
    if (count) whole(count);
    const AvroNode& child = nodes_[node.children[0]];
    const ColumnType& element = type.children[0];
    for (std::uint32_t i = 0; i < count; ++i) {
      if (static_cast<AvroWrite>(node.op) == AvroWrite::kMap) {
        write_entry(child, element, at);
      } else {
        write_encoded(child, element, at);
      }
    }
    whole(0);
  }

  void write_entry(const AvroNode& value, const ColumnType& entry, const char*& at) {
    if (*at++ == 0) fail("a map has an entry that is NULL");
    if (*at++ == 0) fail("a map has the key NULL");
    const auto size = take<std::uint32_t>(at);
    whole(size);
    append({at, size});
    at += size;
    write_encoded(value, entry.children[1], at);
  }

  const std::vector<AvroNode>& nodes_;
  Buffer& out_;
};

void check_node(const AvroNode& node, std::size_t count) {
  const auto need = [&](std::size_t numbers, std::size_t texts, std::size_t children) {
    if (node.numbers.size() < numbers || node.texts.size() < texts || node.children.size() < children) {
      throw std::invalid_argument("no program to write Avro");
    }
  };
  if (node.op < 0 || node.op >= static_cast<int>(AvroWrite::kCount)) throw std::invalid_argument("no program to write Avro");
  for (std::uint32_t child : node.children) {
    if (child >= count) throw std::invalid_argument("no program to write Avro");
  }
  switch (static_cast<AvroWrite>(node.op)) {
    case AvroWrite::kWhole: return need(3, 0, 0);
    case AvroWrite::kReal: case AvroWrite::kFixed: return need(1, 0, 0);
    case AvroWrite::kDecimal: return need(2, 0, 0);
    case AvroWrite::kRecord: return need(node.children.size(), node.children.size(), 0);
    case AvroWrite::kArray: case AvroWrite::kMap: return need(0, 0, 1);
    case AvroWrite::kConstant: return need(0, 1, 0);
    default: return;
  }
}

}  // namespace

AvroWriter::AvroWriter(std::vector<AvroNode> nodes) : nodes_(std::move(nodes)) {
  for (const AvroNode& node : nodes_) check_node(node, nodes_.size());
  for (const AvroNode& node : nodes_) {
    if (node.op != static_cast<int>(AvroWrite::kRecord)) continue;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const bool is_constant = nodes_[node.children[i]].op == static_cast<int>(AvroWrite::kConstant);
      if (is_constant != (node.numbers[i] < 0)) throw std::invalid_argument("no program to write Avro");
    }
  }
  if (nodes_.empty() || nodes_.back().op != static_cast<int>(AvroWrite::kRecord)) {
    throw std::invalid_argument("no program to write Avro");
  }
}

ColumnBuilder AvroWriter::write_messages(Frame& rows, std::string_view prefix) const {
  Buffer bytes;
  Encoder encoder(nodes_, bytes);
  std::vector<std::size_t> ends;
  ends.reserve(static_cast<std::size_t>(rows.rows()));
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    bytes.append(prefix.data(), prefix.size());
    encoder.write_row(rows, row);
    ends.push_back(bytes.size());
  }
  ColumnBuilder messages(ColumnType{"vz", "f0", {}});
  messages.reserve(rows.rows());
  std::size_t start = 0;
  for (const std::size_t end : ends) {
    messages.push_bytes({bytes.data() + start, end - start});
    start = end;
  }
  return messages;
}

Buffer AvroWriter::write_block(Frame& rows) const {
  Buffer bytes;
  Encoder encoder(nodes_, bytes);
  for (std::int64_t row = 0; row < rows.rows(); ++row) encoder.write_row(rows, row);
  return bytes;
}

}  // namespace flott
