// Rows are taken in their canonical encoding (value_codec.h): 0 for NULL, or 1 and the value.
#include <cstring>

#include "flott/protobuf.h"
#include "flott/value_codec.h"

namespace flott {
namespace {

void put_varint(std::uint64_t bits, std::string& out) {
  while (bits > 0x7F) {
    out.push_back(static_cast<char>(bits | 0x80));
    bits >>= 7;
  }
  out.push_back(static_cast<char>(bits));
}

template <typename T>
void put_fixed(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_sized(std::string_view bytes, std::string& out) {
  put_varint(bytes.size(), out);
  out.append(bytes);
}

int wire_of(PbKind kind) {
  switch (kind) {
    case PbKind::kFixed32: case PbKind::kSfixed32: case PbKind::kFloat: return 5;
    case PbKind::kFixed64: case PbKind::kSfixed64: case PbKind::kDouble: return 1;
    case PbKind::kString: case PbKind::kBytes: case PbKind::kMessage: return 2;
    default: return 0;
  }
}

void put_tag(const PbField& field, int wire, std::string& out) {
  put_varint(static_cast<std::uint64_t>(field.number) << 3 | static_cast<std::uint64_t>(wire), out);
}

class Encoder {
 public:
  Encoder(const std::vector<PbNode>& nodes, const std::string& null_text) : nodes_(nodes), null_text_(null_text) {}

  // The fields whose canonical encodings stand one after the other at `at`, which is moved past them.
  void write(const PbNode& node, const std::vector<ColumnType>& types, const char*& at, std::string& out) {
    std::vector<const char*> parts;
    for (const ColumnType& type : types) {
      parts.push_back(at);
      pass_over(type, at);
    }
    for (const PbField& field : node.fields) {
      try {
        if (field.column < 0) {
          if (field.has(kPbRequired)) fail_message("is required, and the table has no such column");
          continue;
        }
        const auto index = static_cast<std::size_t>(field.column);
        write_field(field, types[index], parts[index], out);
      } catch (Malformed& malformed) {
        malformed.enter(field.name);
        throw;
      }
    }
  }

 private:
  void write_field(const PbField& field, const ColumnType& type, const char* at, std::string& out) {
    if (*at == 0) {
      if (field.has(kPbRequired)) fail_message("is required, and the value is NULL");
      return;
    }
    if (field.has(kPbRepeated)) {
      ++at;
      return write_elements(field, type.children[0], at, out);
    }
    std::string value;
    const bool is_default = put_value(field, type, at, value);
    if (is_default && !field.has(kPbPresence)) return;
    put_tag(field, wire_of(field.kind), out);
    out += value;
  }

  void write_elements(const PbField& field, const ColumnType& type, const char*& at, std::string& out) {
    auto count = take<std::uint32_t>(at);
    if (count == 0) return;
    const bool is_packed = field.has(kPbPacked);
    std::string packed;
    for (; count > 0; --count) {
      if (!is_packed) put_tag(field, wire_of(field.kind), out);
      put_value(field, type, at, is_packed ? packed : out);
    }
    if (!is_packed) return;
    put_tag(field, 2, out);
    put_sized(packed, out);
  }

  // Keys and values are always written; NULL as the default.
  void write_entry(const PbNode& entry, const std::vector<ColumnType>& types, const char*& at, std::string& out) {
    for (std::size_t i = 0; i < 2; ++i) {
      put_tag(entry.fields[i], wire_of(entry.fields[i].kind), out);
      put_value(entry.fields[i], types[i], at, out);
    }
  }

  // A value, or the default in place of NULL; whether it is that of the type.
  bool put_value(const PbField& field, const ColumnType& type, const char*& at, std::string& out) {
    const bool is_null = *at++ == 0;
    if (field.kind == PbKind::kMessage) {
      std::string inner;
      const PbNode& node = nodes_[static_cast<std::size_t>(field.node)];
      if (!is_null && field.has(kPbMap)) {
        write_entry(node, type.children, at, inner);
      } else if (!is_null) {
        write(node, type.children, at, inner);
      }
      put_sized(inner, out);
      return false;
    }
    if (type.storage() == Storage::kBytes) {
      std::string_view bytes;
      if (!is_null) {
        const auto size = take<std::uint32_t>(at);
        bytes = {at, size};
        at += size;
      } else if (field.kind == PbKind::kString) {
        bytes = null_text_;
      }
      if (field.kind != PbKind::kEnumName) {
        put_sized(bytes, out);
        return bytes.empty();
      }
      const std::int64_t number = is_null ? field.default_bits : number_of(field, bytes);
      put_varint(static_cast<std::uint64_t>(number), out);
      return number == 0;
    }
    if (is_null) return put_bits(field, 0, out);
    return put_number(field, type, at, out);
  }

  bool put_number(const PbField& field, const ColumnType& type, const char*& at, std::string& out) {
    switch (type.storage()) {
      case Storage::kBool: return put_bits(field, take<std::uint8_t>(at), out);
      case Storage::kInt32: return put_bits(field, static_cast<std::uint64_t>(static_cast<std::int64_t>(take<std::int32_t>(at))), out);
      case Storage::kFloat32: return put_bits(field, take<std::uint32_t>(at), out);
      case Storage::kInt64: case Storage::kFloat64: return put_bits(field, take<std::uint64_t>(at), out);
      default: throw std::logic_error("a program to write Protobuf does not fit its column");
    }
  }

  bool put_bits(const PbField& field, std::uint64_t bits, std::string& out) {
    switch (field.kind) {
      case PbKind::kSint32: case PbKind::kSint64:
        put_varint(bits << 1 ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63), out);
        break;
      case PbKind::kUint32:
        put_varint(unsigned_of(field, bits), out);
        break;
      case PbKind::kFixed32:
        put_fixed(static_cast<std::uint32_t>(unsigned_of(field, bits)), out);
        break;
      case PbKind::kSfixed32: case PbKind::kFloat: put_fixed(static_cast<std::uint32_t>(bits), out); break;
      case PbKind::kFixed64: case PbKind::kSfixed64: case PbKind::kDouble: put_fixed(bits, out); break;
      case PbKind::kEnumNumber:
        if (field.has(kPbClosed) && !field.names.count(static_cast<std::int32_t>(bits))) {
          fail_message("the enum has no value " + std::to_string(static_cast<std::int32_t>(bits)));
        }
        [[fallthrough]];
      default: put_varint(bits, out);
    }
    return bits == 0;
  }

  static std::uint64_t unsigned_of(const PbField& field, std::uint64_t bits) {
    if (field.has(kPbWide) && bits >> 32 != 0) {
      fail_message(std::to_string(static_cast<std::int64_t>(bits)) + " does not fit 32 bits without sign");
    }
    return bits & 0xFFFFFFFF;
  }

  static std::int64_t number_of(const PbField& field, std::string_view name) {
    for (const auto& [number, known] : field.names) {
      if (known == name) return number;
    }
    fail_message("the enum has no value of this name");
  }

  const std::vector<PbNode>& nodes_;
  const std::string& null_text_;
};

}  // namespace

ProtobufWriter::ProtobufWriter(std::vector<PbNode> nodes, std::string null_text)
    : nodes_(std::move(nodes)), null_text_(std::move(null_text)) {
  prepare_nodes(nodes_);
}

ColumnBuilder ProtobufWriter::write_messages(Frame& rows) const {
  Encoder encoder(nodes_, null_text_);
  std::string row_bytes, message;
  ColumnBuilder messages(ColumnType{"vz", "f0", {}});
  messages.reserve(rows.rows());
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    row_bytes.clear();
    message.clear();
    for (std::size_t i = 0; i < rows.width(); ++i) encode_cell(rows.type(i), rows.column(i), row, row_bytes);
    const char* at = row_bytes.data();
    try {
      encoder.write(nodes_.back(), rows.types(), at, message);
    } catch (const Malformed& malformed) {
      throw PbUnwritable(row, malformed.text());
    }
    messages.push_bytes(message);
  }
  return messages;
}

}  // namespace flott
