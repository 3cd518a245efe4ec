// How a record is read; plain_rows.h says what stands behind it.
#include "flott/csv_reader.h"

#include <charconv>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "flott/json_scanner.h"
#include "flott/json_values.h"

namespace flott {
namespace {

constexpr std::size_t kTimeSize = 8;  // without a fraction

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

const char* skip_digits(const char* at, const char* end) {
  while (at < end && is_digit(*at)) ++at;
  return at;
}

// A number as JSON has it; others know hexadecimal digits and infinities, too.
bool is_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at < end && *at == '-') ++at;
  const char* const whole = at;
  at = skip_digits(at, end);
  if (at == whole) return false;
  if (at < end && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return false;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at < end && (*at == '-' || *at == '+')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end);
    if (at == exponent) return false;
  }
  return at == end;
}

std::string_view number_of(std::string_view text) {
  if (!is_number(text)) json_give_up();
  return text;
}

// Rounded once, which a DOUBLE made narrower is not.
float float_of(std::string_view number) {
  float value = 0;
  const auto found = std::from_chars(number.data(), number.data() + number.size(), value);
  if (found.ec != std::errc()) json_give_up();  // too large, or too small
  return value;
}

template <typename T>
void push_narrow(std::int64_t value, ColumnBuilder& column) {
  const auto narrow = static_cast<T>(value);
  if (narrow != value) json_give_up();
  column.push(narrow);
}

void push_whole(std::int64_t value, char format, ColumnBuilder& column) {
  switch (format) {
    case 'c': return push_narrow<std::int8_t>(value, column);
    case 's': return push_narrow<std::int16_t>(value, column);
    case 'i': return push_narrow<std::int32_t>(value, column);
    default: column.push(value);
  }
}

}  // namespace

class CsvReader::Scanner {
 public:
  Scanner(const CsvReader& reader, std::vector<ColumnBuilder>& columns)
      : reader_(reader), notation_(reader.notation_), columns_(columns) {}

  // The record at `at`; where it ends: before a line feed, or at `end`.
  const char* read(const char* at, const char* end) {
    if (notation_.has_comments && *at == '#') json_give_up();
    end_ = end;
    const std::size_t width = reader_.wanted_.size();
    for (std::size_t i = 0; i < width; ++i) {
      if (i && *at++ != notation_.delimiter) json_give_up();
      std::string_view text;
      at = notation_.quote && *at == notation_.quote && at < end ? read_quoted(at + 1, text) : read_plain(at, text);
      const int index = reader_.wanted_[i];
      if (index >= 0) store(reader_.columns_[static_cast<std::size_t>(index)].field, text, columns_[static_cast<std::size_t>(index)]);
    }
    if (at != end && *at != '\n') json_give_up();
    return at;
  }

 private:
  // The next delimiter, quote, escape or control character.
  const char* find_special(const char* at) const {
    const char quote = notation_.quote ? notation_.quote : notation_.delimiter;
    const char escape = notation_.escape ? notation_.escape : notation_.delimiter;
#if defined(__SSE2__)
    const __m128i limit = _mm_set1_epi8(0x1F);
    for (;; at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const __m128i controls = _mm_cmpeq_epi8(_mm_max_epu8(bytes, limit), limit);
      const __m128i delimiters = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(notation_.delimiter));
      const __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(quote)),
                                          _mm_cmpeq_epi8(bytes, _mm_set1_epi8(escape)));
      const auto found = static_cast<unsigned>(
          _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(controls, delimiters), others)));
      if (found) return at + std::countr_zero(found);
    }
#else
    while (static_cast<unsigned char>(*at) > 0x1F && *at != notation_.delimiter && *at != quote && *at != escape) ++at;
    return at;
#endif
  }

  // Gives up at what ends a line elsewhere, or is no end at all.
  void pass_control(const char* at) const {
    if (*at == '\r' || (notation_.escape && *at == notation_.escape)) json_give_up();
  }

  // A quote inside of a field that does not begin with one is a character like others.
  const char* read_plain(const char* at, std::string_view& text) const {
    const char* stop = at;
    for (;; ++stop) {
      stop = find_special(stop);
      if (stop >= end_ || *stop == notation_.delimiter || *stop == '\n') break;
      pass_control(stop);
    }
    if (stop > end_) stop = end_;
    text = {at, static_cast<std::size_t>(stop - at)};
    return stop;
  }

  // Behind the opening quote.
  const char* read_quoted(const char* at, std::string_view& text) {
    const char* start = at;
    bool is_copied = false;
    for (;; ++at) {
      at = find_special(at);
      if (at >= end_ || *at == '\n') json_give_up();
      if (*at != notation_.quote) {
        pass_control(at);
        continue;
      }
      if (at[1] != notation_.quote || at + 1 >= end_) break;
      if (!is_copied) scratch_.shrink(0);
      is_copied = true;
      ++at;
      scratch_.append(start, static_cast<std::size_t>(at - start));
      start = at + 1;
    }
    text = {start, static_cast<std::size_t>(at - start)};
    if (is_copied) {
      scratch_.append(text.data(), text.size());
      const std::size_t size = scratch_.size();
      scratch_.reserve(size + kJsonPadding);
      text = {scratch_.data(), size};
    }
    return at + 1;
  }

  void store(const JsonField& field, std::string_view text, ColumnBuilder& column) {
    if (reader_.null_ && text == *reader_.null_ && field.kind != JsonKind::kString) return column.push_null();
    switch (field.kind) {
      case JsonKind::kBool:
        if (text != "true" && text != "false") json_give_up();
        return column.push<std::uint8_t>(text == "true");
      case JsonKind::kWhole: return push_whole(json_whole(text), field.format[0], column);
      case JsonKind::kReal:
        if (field.format[0] == 'f') return column.push(float_of(number_of(text)));
        return column.push(json_real(number_of(text)));
      case JsonKind::kDecimal: {
        bool is_null = false;
        const Int128 value = json_decimal(number_of(text), field.precision, field.scale, is_null);
        return is_null ? column.push_null() : column.push(value);
      }
      case JsonKind::kText:
      case JsonKind::kString: return column.push_padded(text.data(), text.size());
      case JsonKind::kDate: return column.push(static_cast<std::int32_t>(dates_.days(text)));
      case JsonKind::kTime:
        if (text.size() != kTimeSize) json_give_up();
        return column.push(json_time(text));
      case JsonKind::kTimestamp: {
        const bool is_micros = field.format.size() > 2 && field.format[2] == 'u';
        return column.push(dates_.timestamp(text, {false, field.is_zoned, is_micros}));
      }
      case JsonKind::kBytes:
        bytes_.shrink(0);
        json_bytes(text, bytes_);
        return column.push_bytes({bytes_.data(), bytes_.size()});
      default: json_give_up();
    }
  }

  const CsvReader& reader_;
  const CsvNotation notation_;
  std::vector<ColumnBuilder>& columns_;
  const char* end_ = nullptr;
  JsonDates dates_;
  Buffer scratch_, bytes_;
};

CsvReader::CsvReader(std::vector<CsvColumn> columns, std::size_t width, CsvNotation notation,
                     std::optional<std::string> null)
    : columns_(std::move(columns)), wanted_(width, -1), notation_(notation), null_(std::move(null)) {
  for (std::size_t i = 0; i < columns_.size(); ++i) wanted_.at(columns_[i].position) = static_cast<int>(i);
}

std::vector<ColumnBuilder> CsvReader::make_columns() const {
  std::vector<ColumnBuilder> made;
  for (const CsvColumn& column : columns_) {
    ColumnType type = column.field.type();
    type.name = "f" + std::to_string(made.size());
    made.emplace_back(std::move(type));
  }
  return made;
}

PlainRows CsvReader::read_messages(const Column& messages) const {
  std::vector<ColumnBuilder> columns = make_columns();
  Scanner scanner(*this, columns);
  return read_plain_rows(messages, columns, [&](char* at, char* end) {
    if (end > at && end[-1] == '\n') *--end = '\0';
    if (at == end || scanner.read(at, end) != end) json_give_up();
    return true;
  });
}

bool CsvReader::read_lines(std::string_view text, Batch& out, std::int64_t& rows) const {
  if (!is_utf8(text)) return false;
  std::vector<ColumnBuilder> columns = make_columns();
  Scanner scanner(*this, columns);
  const auto read = [&](const char* at, const char* end) {
    std::int64_t count = 0;
    for (; at < end; ++count) {
      if (*at == '\n') json_give_up();  // an empty line
      at = scanner.read(at, end);
      if (at < end) ++at;
    }
    return count;
  };
  if (!read_plain_block(text, rows, read)) return false;
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  return true;
}

}  // namespace flott
