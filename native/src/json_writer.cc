// Top-level values come from their columns, values inside of others from their encoding.
#include "flott/json_writer.h"

#include <algorithm>
#include <cstring>

#include "flott/json_texts.h"

namespace flott {
namespace {

// Maps of more entries are left to slower code, which looks for keys that repeat.
constexpr std::size_t kEntriesMax = 64;
constexpr std::int8_t kUpdateBefore = 1, kDelete = 3;

using Field = JsonWriter::Field;

// A value of any storage but a nested one.
struct Scalar {
  std::int64_t whole = 0;
  double real = 0;
  Int128 decimal = 0;
  std::string_view bytes;
};

template <typename T>
T take(const char*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

template <typename T>
void set(Scalar& scalar, T value) {
  if constexpr (std::is_same_v<T, Int128>) {
    scalar.decimal = value;
  } else if constexpr (std::is_floating_point_v<T>) {
    scalar.real = value;
  } else {
    scalar.whole = value;
  }
}

// Whether a column of `type` holds what a field of this kind is made of.
bool fits(const Field& field, const ColumnType& type) {
  const Storage storage = type.storage();
  if (storage == Storage::kNull) return true;
  const char* const format = type.format.c_str();
  const auto is_list = [&] { return format[0] == '+' && (format[1] == 'l' || format[1] == 'L'); };
  switch (field.kind) {
    case JsonKind::kBool: return storage == Storage::kBool;
    case JsonKind::kWhole: return format[1] == '\0' && std::strchr("csil", format[0]);
    case JsonKind::kReal: return format[0] == 'f' || format[0] == 'g';
    case JsonKind::kDecimal: return format[0] == 'd' && type.decimal_scale() == field.scale;
    case JsonKind::kText:
    case JsonKind::kString: return type.format == "u" || type.format == "U" || type.format == "vu";
    case JsonKind::kBytes: return type.format == "z" || type.format == "Z" || type.format == "vz";
    case JsonKind::kDate: return type.format == "tdD";
    case JsonKind::kTime: return type.format == "ttn";
    case JsonKind::kTimestamp: return type.format == "tsu:" || type.format == "tsn:";
    case JsonKind::kList: return is_list() && fits(field.children[0], type.children[0]);
    case JsonKind::kMap: {
      if (!is_list() || type.children[0].format != "+s" || type.children[0].children.size() != 2) return false;
      const ColumnType& key = type.children[0].children[0];
      return key.storage() == Storage::kBytes && !key.is_nested() && fits(field.children[0], type.children[0].children[1]);
    }
    case JsonKind::kPresent: return false;
    case JsonKind::kRow:
      if (type.format != "+s" || type.children.size() != field.children.size()) return false;
      for (std::size_t i = 0; i < field.children.size(); ++i) {
        if (!fits(field.children[i], type.children[i])) return false;
      }
      return true;
  }
  return false;
}

class RowWriter {
 public:
  RowWriter(JsonStyle style, Buffer& out)
      : style_(style), decimals_(style.plain_decimals ? DecimalForm::kWhole : DecimalForm::kShort), out_(out) {}

  // Whether a value could be written; `is_first` of its object.
  bool write_field(const Field& field, const ColumnType& type, const Column& column, std::int64_t row, bool& is_first) {
    if (!column.is_valid(row)) {
      if (style_.omits_nulls) return true;
      write_key(field, is_first);
      write_json_raw("null", out_);
      return true;
    }
    write_key(field, is_first);
    if (type.is_nested()) {
      const char* at = column.bytes(row).data();
      return write_encoded(field, type, at);
    }
    Scalar scalar;
    if (column.storage == Storage::kBytes) {
      scalar.bytes = column.bytes(row);
    } else {
      with_type(column.storage, [&](auto zero) { set(scalar, column.values<decltype(zero)>()[row]); });
    }
    return write_scalar(field, type, scalar);
  }

 private:
  void write_key(const Field& field, bool& is_first) {
    out_.append(field.key.data() + is_first, field.key.size() - is_first);
    is_first = false;
  }

  // `at` is moved past the value (value_codec.h).
  bool write_encoded(const Field& field, const ColumnType& type, const char*& at) {
    if (*at++ == 0) {
      write_json_raw("null", out_);
      return true;
    }
    if (field.kind == JsonKind::kRow) return write_row(field, type, at);
    if (field.kind == JsonKind::kList) return write_list(field, type, at);
    if (field.kind == JsonKind::kMap) return write_map(field, type, at);
    Scalar scalar;
    if (type.storage() == Storage::kBytes) {
      scalar.bytes = take_bytes(at);
    } else {
      with_type(type.storage(), [&](auto zero) { set(scalar, take<decltype(zero)>(at)); });
    }
    return write_scalar(field, type, scalar);
  }

  static std::string_view take_bytes(const char*& at) {
    const auto size = take<std::uint32_t>(at);
    at += size;
    return {at - size, size};
  }

  bool write_row(const Field& field, const ColumnType& type, const char*& at) {
    bool is_first = true;
    write_json_raw("{", out_);
    for (std::size_t i = 0; i < field.children.size(); ++i) {
      if (*at == 0 && style_.omits_nulls) {
        ++at;
        continue;
      }
      write_key(field.children[i], is_first);
      if (!write_encoded(field.children[i], type.children[i], at)) return false;
    }
    write_json_raw("}", out_);
    return true;
  }

  bool write_list(const Field& field, const ColumnType& type, const char*& at) {
    const auto count = take<std::uint32_t>(at);
    write_json_raw("[", out_);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i) write_json_raw(",", out_);
      if (!write_encoded(field.children[0], type.children[0], at)) return false;
    }
    write_json_raw("]", out_);
    return true;
  }

  bool write_map(const Field& field, const ColumnType& type, const char*& at) {
    const auto count = take<std::uint32_t>(at);
    if (count > kEntriesMax) return false;
    std::string_view keys[kEntriesMax];
    write_json_raw("{", out_);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (*at++ == 0 || *at++ == 0) return false;  // the entry, its key
      keys[i] = take_bytes(at);
      if (std::find(keys, keys + i, keys[i]) != keys + i) return false;
      if (i) write_json_raw(",", out_);
      write_json_bmp_text(keys[i], out_);
      write_json_raw(":", out_);
      if (!write_encoded(field.children[0], type.children[0].children[1], at)) return false;
    }
    write_json_raw("}", out_);
    return true;
  }

  bool write_scalar(const Field& field, const ColumnType& type, const Scalar& scalar) {
    switch (field.kind) {
      case JsonKind::kBool: write_json_raw(scalar.whole ? "true" : "false", out_); return true;
      case JsonKind::kWhole: write_json_whole(scalar.whole, out_); return true;
      case JsonKind::kReal:
        if (type.format[0] == 'f') return write_json_real(static_cast<float>(scalar.real), out_);
        return write_json_real(scalar.real, out_);
      case JsonKind::kDecimal:
        write_json_decimal(scalar.decimal, field.scale, decimals_, out_);
        return true;
      case JsonKind::kText:
      case JsonKind::kString: write_json_bmp_text(scalar.bytes, out_); return true;
      case JsonKind::kBytes: write_json_base64(scalar.bytes, out_); return true;
      case JsonKind::kDate: return write_json_date(scalar.whole, out_);
      case JsonKind::kTime: write_json_time(scalar.whole, out_); return true;
      case JsonKind::kTimestamp: {
        const std::int64_t units = type.format[2] == 'u' ? 1000000 : 1000000000;
        return write_json_timestamp(scalar.whole, {units, style_.is_iso ? 'T' : ' ', field.is_zoned}, out_);
      }
      default: return false;
    }
  }

  const JsonStyle style_;
  const DecimalForm decimals_;
  Buffer& out_;
};

Field field_from(const JsonField& field) {
  Buffer key;
  write_json_raw(",", key);
  write_json_bmp_text(field.name, key);
  write_json_raw(":", key);
  Field made{field.kind, std::string(key.data(), key.size()), field.scale, field.is_zoned, {}};
  for (const JsonField& child : field.children) made.children.push_back(field_from(child));
  return made;
}

// Writes all rows to `out`, and calls `end_row` behind each.
template <typename EndRow>
bool write_rows(const std::vector<Field>& fields, JsonStyle style, const JsonEnvelope& envelope, Frame& frame,
                const Column* kinds, Buffer& out, EndRow&& end_row) {
  if (frame.width() < fields.size()) return false;
  std::vector<const Column*> columns;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fits(fields[i], frame.type(i))) return false;
    columns.push_back(&frame.column(i));
  }
  RowWriter writer(style, out);
  for (std::int64_t row = 0; row < frame.rows(); ++row) {
    const std::int8_t kind = kinds ? kinds->values<std::int8_t>()[row] : std::int8_t{0};
    const bool is_removal = kind == kUpdateBefore || kind == kDelete;
    bool is_first = true;
    write_json_raw(envelope.before[is_removal], out);
    write_json_raw("{", out);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!writer.write_field(fields[i], frame.type(i), *columns[i], row, is_first)) return false;
    }
    write_json_raw("}", out);
    write_json_raw(envelope.after[is_removal], out);
    end_row();
  }
  return true;
}

}  // namespace

JsonWriter::JsonWriter(const std::vector<JsonField>& fields, JsonStyle style, JsonEnvelope envelope)
    : style_(style), envelope_(std::move(envelope)) {
  for (const JsonField& field : fields) fields_.push_back(field_from(field));
}

bool JsonWriter::write_messages(Frame& frame, const Column* kinds, ColumnBuilder& out) const {
  Buffer message;
  return write_rows(fields_, style_, envelope_, frame, kinds, message, [&] {
    message.reserve(message.size() + ColumnBuilder::kReadAhead);
    out.push_padded(message.data(), message.size());
    message.shrink(0);
  });
}

bool JsonWriter::write_lines(Frame& frame, const Column* kinds, Buffer& out) const {
  return write_rows(fields_, style_, envelope_, frame, kinds, out, [&] { write_json_raw("\n", out); });
}

}  // namespace flott
