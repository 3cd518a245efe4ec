// A message is looked through once, which notes where its fields are; then they go to the columns in
// order. Fields may come in any order and more than once: the last counts, messages are merged.
#include <algorithm>
#include <cstring>
#include <deque>

#include "flott/protobuf.h"
#include "flott/utf8.h"

namespace flott {
namespace {

constexpr int kGroupDepthMax = 100;
constexpr std::uint32_t kPlacesMax = 256;

struct Value {
  std::uint64_t bits = 0;
  std::string_view bytes;
  bool is_set = false;
};

// The fields of one message, by their index in the node.
struct Found {
  std::vector<Value> last;
  std::vector<std::vector<Value>> all;

  void reset(std::size_t fields) {
    last.assign(fields, Value{});
    if (all.size() < fields) all.resize(fields);
    for (std::size_t i = 0; i < fields; ++i) all[i].clear();
  }
};

std::int64_t zigzag(std::uint64_t bits) {
  return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
}

int wire_of(PbKind kind) {
  switch (kind) {
    case PbKind::kFixed32: case PbKind::kSfixed32: case PbKind::kFloat: return 5;
    case PbKind::kFixed64: case PbKind::kSfixed64: case PbKind::kDouble: return 1;
    case PbKind::kString: case PbKind::kBytes: case PbKind::kMessage: return 2;
    default: return 0;
  }
}

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) fail_message("the message ends within a number");
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (!(byte & 0x80)) return value;
    }
    fail_message("a number has more than 10 bytes");
  }
  std::string_view take(std::uint64_t size) {
    const auto left = static_cast<std::uint64_t>(end_ - at_);
    if (size > left) {
      fail_message(std::to_string(size) + " bytes are announced, " + std::to_string(left) + " are left");
    }
    const std::string_view bytes(at_, static_cast<std::size_t>(size));
    at_ += size;
    return bytes;
  }
  template <typename T>
  std::uint64_t fixed() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  Value value(int wire) {
    switch (wire) {
      case 0: return {varint(), {}, true};
      case 1: return {fixed<std::uint64_t>(), {}, true};
      case 2: return {0, take(varint()), true};
      case 5: return {fixed<std::uint32_t>(), {}, true};
      default: fail_message("there is no wire type " + std::to_string(wire));
    }
  }
  std::uint32_t tag() {
    const std::uint64_t tag = varint();
    if (tag >> 3 == 0 || tag >> 32 != 0) fail_message("a field has the number " + std::to_string(tag >> 3));
    return static_cast<std::uint32_t>(tag);
  }
  // Behind the tag that opened it.
  void skip_group(std::uint32_t number, int depth) {
    if (depth > kGroupDepthMax) fail_message("groups are nested too deeply");
    for (;;) {
      const std::uint32_t inner = tag();
      if ((inner & 7) == 4) {
        if (inner >> 3 != number) fail_message("a group ends that did not begin");
        return;
      }
      if ((inner & 7) == 3) {
        skip_group(inner >> 3, depth + 1);
      } else {
        value(static_cast<int>(inner & 7));
      }
    }
  }

 private:
  const char* at_;
  const char* end_;
};

class Decoder {
 public:
  explicit Decoder(const std::vector<PbNode>& nodes) : nodes_(nodes) {}

  template <typename ColumnAt>
  void read(const PbNode& node, std::string_view bytes, std::size_t depth, ColumnAt&& column_at) {
    if (depth == 0) merged_.clear();
    if (depth == found_.size()) found_.emplace_back();
    Found& found = found_[depth];  // a deque: it stays where it is
    found.reset(node.fields.size());
    parse(node, bytes, found);
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
      const PbField& field = node.fields[i];
      try {
        if (field.has(kPbRequired) && !found.last[i].is_set) fail_message("is required and not there");
        if (field.column < 0) continue;
        ColumnBuilder& out = column_at(static_cast<std::size_t>(field.column));
        if (field.has(kPbMap)) {
          push_map(field, found.all[i], depth, out);
        } else if (field.has(kPbRepeated)) {
          push_list(field, found.all[i], depth, out);
        } else {
          push_single(field, found.last[i], depth, out);
        }
      } catch (Malformed& malformed) {
        malformed.enter(field.name);
        throw;
      }
    }
  }

 private:
  void parse(const PbNode& node, std::string_view message, Found& found) {
    Bytes bytes(message);
    while (!bytes.done()) {
      const std::uint32_t tag = bytes.tag();
      const int wire = static_cast<int>(tag & 7);
      if (wire == 3) {
        bytes.skip_group(tag >> 3, 0);
        continue;
      }
      const Value value = bytes.value(wire);
      const int index = node.find(tag >> 3);
      if (index >= 0) note(node, static_cast<std::size_t>(index), wire, value, found);
    }
  }

  void note(const PbNode& node, std::size_t index, int wire, const Value& value, Found& found) {
    const PbField& field = node.fields[index];
    const int expected = wire_of(field.kind);
    if (wire != expected) {
      if (wire == 2 && field.has(kPbRepeated)) unpack(field, expected, value.bytes, found.all[index]);
      return;  // else an unknown field
    }
    if (is_unknown(field, value)) return;
    if (field.has(kPbRepeated)) {
      found.all[index].push_back(value);
      return;
    }
    if (field.oneof >= 0) {
      for (std::size_t i = 0; i < node.fields.size(); ++i) {
        if (i != index && node.fields[i].oneof == field.oneof) found.last[i].is_set = false;
      }
    }
    Value& last = found.last[index];
    if (field.kind == PbKind::kMessage && last.is_set) {
      // Messages one after the other are the merged message.
      merged_.push_back(std::string(last.bytes) + std::string(value.bytes));
      last.bytes = merged_.back();
    } else {
      last = value;
    }
  }

  static bool is_unknown(const PbField& field, const Value& value) {
    return field.has(kPbClosed) && !field.names.count(static_cast<std::int32_t>(value.bits));
  }

  static void unpack(const PbField& field, int wire, std::string_view packed, std::vector<Value>& values) {
    if (wire == 2) return;
    Bytes bytes(packed);
    while (!bytes.done()) {
      const Value value = bytes.value(wire);
      if (!is_unknown(field, value)) values.push_back(value);
    }
  }

  void push_single(const PbField& field, const Value& value, std::size_t depth, ColumnBuilder& out) {
    if (value.is_set) return push(field, value, depth, out);
    if (field.has(kPbPresence) && !field.has(kPbReadsDefault)) return out.push_null();
    push_default(field, depth, out);
  }

  void push_default(const PbField& field, std::size_t depth, ColumnBuilder& out) {
    push(field, {static_cast<std::uint64_t>(field.default_bits), field.default_bytes, true}, depth, out);
  }

  void push_list(const PbField& field, const std::vector<Value>& values, std::size_t depth, ColumnBuilder& out) {
    if (values.empty() && !field.has(kPbReadsDefault)) return out.push_null();
    for (const Value& value : values) push(field, value, depth, out.child(0));
    out.close_list();
  }

  // Of entries with the same key the last counts, at the place of the first.
  void push_map(const PbField& field, const std::vector<Value>& values, std::size_t depth, ColumnBuilder& out) {
    if (values.empty() && !field.has(kPbReadsDefault)) return out.push_null();
    const PbNode& entry = nodes_[static_cast<std::size_t>(field.node)];
    std::vector<std::string_view> entries;
    std::unordered_map<std::string, std::size_t> places;
    for (const Value& value : values) {
      const auto [at, is_new] = places.emplace(key_of(entry, value.bytes), entries.size());
      if (is_new) {
        entries.push_back(value.bytes);
      } else {
        entries[at->second] = value.bytes;
      }
    }
    for (const std::string_view bytes : entries) push_entry(entry, bytes, depth, out.child(0));
    out.close_list();
  }

  std::string key_of(const PbNode& entry, std::string_view bytes) {
    Found found;
    found.reset(entry.fields.size());
    parse(entry, bytes, found);
    const Value& key = found.last[0];
    if (entry.fields[0].kind == PbKind::kString) return std::string(key.bytes);
    return std::string(reinterpret_cast<const char*>(&key.bits), sizeof key.bits);
  }

  void push_entry(const PbNode& entry, std::string_view bytes, std::size_t depth, ColumnBuilder& out) {
    read(entry, bytes, depth + 1, [&](std::size_t i) -> ColumnBuilder& { return out.child(i); });
    out.close_struct();
  }

  static void push_enum(const PbField& field, std::uint64_t bits, ColumnBuilder& out) {
    const auto found = field.names.find(static_cast<std::int32_t>(bits));
    out.push_bytes(found == field.names.end() ? std::string_view("UNRECOGNIZED") : std::string_view(found->second));
  }

  static void push_string(std::string_view bytes, ColumnBuilder& out) {
    if (!is_utf8(bytes)) fail_message("a text is not UTF-8");
    out.push_bytes(bytes);
  }

  void push(const PbField& field, const Value& value, std::size_t depth, ColumnBuilder& out) {
    const std::uint64_t bits = value.bits;
    switch (field.kind) {
      case PbKind::kSint32: return out.push<std::int32_t>(static_cast<std::int32_t>(zigzag(bits & 0xFFFFFFFF)));
      case PbKind::kSint64: return out.push<std::int64_t>(zigzag(bits));
      case PbKind::kUint32: case PbKind::kFixed32:
        if (field.has(kPbWide)) return out.push<std::int64_t>(static_cast<std::int64_t>(bits & 0xFFFFFFFF));
        [[fallthrough]];
      case PbKind::kInt32: case PbKind::kSfixed32: case PbKind::kEnumNumber:
        return out.push<std::int32_t>(static_cast<std::int32_t>(bits));
      case PbKind::kInt64: case PbKind::kUint64: case PbKind::kFixed64: case PbKind::kSfixed64:
        return out.push<std::int64_t>(static_cast<std::int64_t>(bits));
      case PbKind::kBool: return out.push<std::uint8_t>(bits != 0);
      case PbKind::kFloat: {
        const auto small = static_cast<std::uint32_t>(bits);
        float real;
        std::memcpy(&real, &small, sizeof real);
        return out.push<float>(real);
      }
      case PbKind::kDouble: {
        double real;
        std::memcpy(&real, &bits, sizeof real);
        return out.push<double>(real);
      }
      case PbKind::kString: return push_string(value.bytes, out);
      case PbKind::kBytes: return out.push_bytes(value.bytes);
      case PbKind::kEnumName: return push_enum(field, bits, out);
      default: return push_entry(nodes_[static_cast<std::size_t>(field.node)], value.bytes, depth, out);
    }
  }

  const std::vector<PbNode>& nodes_;
  std::deque<Found> found_;
  std::deque<std::string> merged_;
};

}  // namespace

int PbNode::find(std::uint32_t number) const {
  if (number < places.size()) return places[number];
  if (number < kPlacesMax) return -1;
  const auto at = std::lower_bound(fields.begin(), fields.end(), number,
                                   [](const PbField& field, std::uint32_t value) { return field.number < value; });
  return at != fields.end() && at->number == number ? static_cast<int>(at - fields.begin()) : -1;
}

void prepare_nodes(std::vector<PbNode>& nodes) {
  if (nodes.empty()) throw std::invalid_argument("no program for Protobuf");
  for (PbNode& node : nodes) {
    std::sort(node.fields.begin(), node.fields.end(),
              [](const PbField& a, const PbField& b) { return a.number < b.number; });
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
      const PbField& field = node.fields[i];
      const bool needs_node = field.column >= 0 && field.kind == PbKind::kMessage;
      if (field.kind >= PbKind::kCount || (needs_node && (field.node < 0 || field.node >= static_cast<int>(nodes.size())))) {
        throw std::invalid_argument("no program for Protobuf");
      }
      if (field.has(kPbMap) && needs_node && nodes[static_cast<std::size_t>(field.node)].fields.size() != 2) {
        throw std::invalid_argument("no program for Protobuf");
      }
      if (field.number >= kPlacesMax) continue;
      if (node.places.size() <= field.number) node.places.resize(field.number + 1, -1);
      node.places[field.number] = static_cast<int>(i);
    }
  }
}

ProtobufReader::ProtobufReader(std::vector<PbNode> nodes, std::vector<ColumnType> columns)
    : nodes_(std::move(nodes)), columns_(std::move(columns)) {
  prepare_nodes(nodes_);
}

void ProtobufReader::read_messages(const Column& messages, Batch& out, std::vector<Slot>& rows,
                                   std::vector<MessageFault>& faults) const {
  Decoder decoder(nodes_);
  const auto read_row = [&](std::string_view message, std::vector<ColumnBuilder>& columns) {
    decoder.read(nodes_.back(), message, 0, [&](std::size_t i) -> ColumnBuilder& { return columns[i]; });
  };
  read_rows(messages, columns_, read_row, out, rows, faults);
}

}  // namespace flott
