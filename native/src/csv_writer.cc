#include "flott/csv_writer.h"

#include <algorithm>
#include <cstring>

#include "flott/json_texts.h"

namespace flott {
namespace {

// Longer texts are quoted without a look at what is in them. Java counts units of UTF-16.
constexpr std::size_t kLookedAtMax = 24;

std::size_t java_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += static_cast<std::size_t>((byte & 0xC0) != 0x80) + static_cast<std::size_t>(byte >= 0xF0);
  }
  return units;
}

bool needs_quotes(std::string_view text, const CsvStyle& style) {
  if (text.size() > kLookedAtMax && java_length(text) > kLookedAtMax) return true;
  const char safe = std::max({style.delimiter, style.quote, '\n'});
  return std::any_of(text.begin(), text.end(), [&](char c) {
    return static_cast<unsigned char>(c) <= static_cast<unsigned char>(safe) || c == '\\';
  });
}

// What a JSON text function wrote, without its quotes.
std::string_view unquoted(const Buffer& text) { return {text.data() + 1, text.size() - 2}; }

class RowWriter {
 public:
  RowWriter(const CsvStyle& style, Buffer& out)
      : style_(style), decimals_(style.plain_decimals ? DecimalForm::kShortPlain : DecimalForm::kShort), out_(out) {}

  bool write(const JsonField& field, const ColumnType& type, const Column& column, std::int64_t row) {
    if (!column.is_valid(row)) {
      write_json_raw(style_.null_text, out_);
      return true;
    }
    text_.shrink(0);
    switch (field.kind) {
      case JsonKind::kBool: write_json_raw(whole(column, row) ? "true" : "false", out_); return true;
      case JsonKind::kWhole: write_json_whole(whole(column, row), out_); return true;
      case JsonKind::kReal: return write_real(type, column, row);
      case JsonKind::kDecimal:
        write_json_decimal(column.values<Int128>()[row], field.scale, decimals_, out_);
        return true;
      case JsonKind::kText:
      case JsonKind::kString: return write_csv_text(column.bytes(row), style_, out_);
      case JsonKind::kBytes: write_json_base64(column.bytes(row), text_); break;
      case JsonKind::kDate:
        if (!write_json_date(whole(column, row), text_)) return false;
        break;
      case JsonKind::kTime: write_json_time(whole(column, row), text_); break;
      case JsonKind::kTimestamp: {
        const std::int64_t units = type.format[2] == 'u' ? 1000000 : 1000000000;
        if (!write_json_timestamp(whole(column, row), {units, ' ', field.is_zoned}, text_)) return false;
        break;
      }
      default: return false;
    }
    return write_csv_text(unquoted(text_), style_, out_);
  }

 private:
  static std::int64_t whole(const Column& column, std::int64_t row) {
    std::int64_t value = 0;
    with_type(column.storage, [&](auto zero) {
      if constexpr (std::is_integral_v<decltype(zero)>) value = column.values<decltype(zero)>()[row];
    });
    return value;
  }

  // What is no number has quotes in JSON.
  bool write_real(const ColumnType& type, const Column& column, std::int64_t row) {
    const bool is_written = type.format[0] == 'f' ? write_json_real(column.values<float>()[row], text_)
                                                  : write_json_real(column.values<double>()[row], text_);
    if (!is_written) return false;
    const bool is_number = text_.data()[0] != '"';
    write_json_raw(is_number ? std::string_view(text_.data(), text_.size()) : unquoted(text_), out_);
    return true;
  }

  const CsvStyle& style_;
  const DecimalForm decimals_;
  Buffer& out_;
  Buffer text_;
};

// Whether a column of `type` holds what a field of this kind is made of.
bool fits(const JsonField& field, const ColumnType& type) {
  const std::string& format = type.format;
  if (type.storage() == Storage::kNull) return true;
  switch (field.kind) {
    case JsonKind::kBool: return type.storage() == Storage::kBool;
    case JsonKind::kWhole: return format.size() == 1 && std::strchr("csil", format[0]);
    case JsonKind::kReal: return format == "f" || format == "g";
    case JsonKind::kDecimal: return format[0] == 'd' && type.decimal_scale() == field.scale;
    case JsonKind::kText:
    case JsonKind::kString: return format == "u" || format == "U" || format == "vu";
    case JsonKind::kBytes: return format == "z" || format == "Z" || format == "vz";
    case JsonKind::kDate: return format == "tdD";
    case JsonKind::kTime: return format == "ttn";
    case JsonKind::kTimestamp: return format == "tsu:" || format == "tsn:";
    default: return false;
  }
}

template <typename EndRow>
bool write_rows(const std::vector<JsonField>& fields, const CsvStyle& style, Frame& frame, Buffer& out, EndRow&& end_row) {
  if (frame.width() < fields.size()) return false;
  std::vector<const Column*> columns;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fits(fields[i], frame.type(i))) return false;
    columns.push_back(&frame.column(i));
  }
  RowWriter writer(style, out);
  for (std::int64_t row = 0; row < frame.rows(); ++row) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i) *out.extend(1) = style.delimiter;
      if (!writer.write(fields[i], frame.type(i), *columns[i], row)) return false;
    }
    write_json_raw(style.line_end, out);
    end_row();
  }
  return true;
}

}  // namespace

bool write_csv_text(std::string_view text, const CsvStyle& style, Buffer& out) {
  if (!style.quote) {
    const char ends[] = {style.delimiter, '\n', '\r'};
    if (text.find_first_of({ends, sizeof ends}) != std::string_view::npos) return false;
    write_json_raw(text, out);
    return true;
  }
  if (!needs_quotes(text, style)) {
    write_json_raw(text, out);
    return true;
  }
  *out.extend(1) = style.quote;
  for (std::size_t start = 0;;) {
    const std::size_t at = text.find(style.quote, start);
    if (at == std::string_view::npos) {
      write_json_raw(text.substr(start), out);
      break;
    }
    write_json_raw(text.substr(start, at + 1 - start), out);
    *out.extend(1) = style.quote;
    start = at + 1;
  }
  *out.extend(1) = style.quote;
  return true;
}

bool CsvWriter::write_messages(Frame& frame, ColumnBuilder& out) const {
  Buffer message;
  return write_rows(fields_, style_, frame, message, [&] {
    message.reserve(message.size() + ColumnBuilder::kReadAhead);
    out.push_padded(message.data(), message.size());
    message.shrink(0);
  });
}

bool CsvWriter::write_lines(Frame& frame, Buffer& out) const {
  return write_rows(fields_, style_, frame, out, [] {});
}

}  // namespace flott
