#include "flott/json_lines.h"

#include <charconv>
#include <cstring>

namespace flott {
namespace {

constexpr int kDepthMax = 64;
constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

struct GaveUp {};

[[noreturn]] void give_up() { throw GaveUp{}; }

std::uint64_t zeros_in(std::uint64_t word) { return (word - kOnes) & ~word & kHighs; }

// The first quote, backslash or control character, eight bytes at a time.
const char* find_special(const char* at, const char* end) {
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kHighs;
    if (zeros_in(word ^ kOnes * '"') | zeros_in(word ^ kOnes * '\\') | controls) break;
    at += 8;
  }
  while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
  static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) give_up();
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > kDays[month - 1] + (month == 2 && is_leap ? 1 : 0)) give_up();
  const std::int64_t y = year - (month <= 2);
  const std::int64_t era = y / 400;
  const auto of_era = static_cast<std::uint64_t>(y - era * 400);
  const std::uint64_t of_year = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
  return era * 146097 + static_cast<std::int64_t>(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

// Digits, separators and fractions of a text.
class Text {
 public:
  explicit Text(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool done() const { return at_ == end_; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void need(char c) {
    if (!take(c)) give_up();
  }
  std::int64_t digits(int count) {
    if (end_ - at_ < count) give_up();
    std::int64_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
      if (!is_digit(*at_)) give_up();
      value = value * 10 + (*at_ - '0');
    }
    return value;
  }
  std::int64_t fraction_nanos() {
    std::int64_t value = 0;
    int count = 0;
    for (; at_ < end_ && is_digit(*at_); ++at_, ++count) value = value * 10 + (*at_ - '0');
    if (count > 9) give_up();
    for (; count < 9; ++count) value *= 10;
    return value;
  }

 private:
  const char* at_;
  const char* end_;
};

std::int64_t read_days(Text& text) {
  const std::int64_t year = text.digits(4);
  text.need('-');
  const auto month = static_cast<unsigned>(text.digits(2));
  text.need('-');
  return days_of(year, month, static_cast<unsigned>(text.digits(2)));
}

std::int64_t read_nanos(Text& text, bool seconds_may_lack) {
  const std::int64_t hour = text.digits(2);
  text.need(':');
  const std::int64_t minute = text.digits(2);
  std::int64_t second = 0, nanos = 0;
  if (text.take(':')) {
    second = text.digits(2);
    if (text.take('.')) nanos = text.fraction_nanos();
  } else if (!seconds_may_lack) {
    give_up();
  }
  if (hour > 23 || minute > 59 || second > 59) give_up();
  return ((hour * 60 + minute) * 60 + second) * 1000000000 + nanos;
}

std::int64_t timestamp_of(std::string_view bytes, const JsonField& field, bool is_iso) {
  Text text(bytes);
  const std::int64_t days = read_days(text);
  text.need(is_iso ? 'T' : ' ');
  const std::int64_t nanos = read_nanos(text, is_iso);
  if (field.is_zoned) text.need('Z');
  if (!text.done()) give_up();
  if (field.format[2] == 'u') return days * 86400000000 + nanos / 1000;
  if (days < -106751 || days > 106750) give_up();
  return days * 86400000000000 + nanos;
}

// 10 ^ 38 and more do not fit.
Int128 decimal_of(std::string_view number, const JsonField& field, bool& is_null) {
  Int128 value = 0;
  int digits = 0, after_point = -1;
  bool is_negative = false, rounds_up = false;
  for (std::size_t i = 0; i < number.size(); ++i) {
    const char c = number[i];
    if (i == 0 && (c == '-' || c == '+')) {
      is_negative = c == '-';
    } else if (c == '.' && after_point < 0) {
      after_point = 0;
    } else if (!is_digit(c)) {
      give_up();
    } else if (after_point >= 0 && after_point == field.scale) {
      rounds_up = c >= '5';
      after_point = -2;
      break;
    } else {
      if (++digits > 37) give_up();
      value = value * 10 + (c - '0');
      if (after_point >= 0) ++after_point;
    }
  }
  if (digits == 0) give_up();
  if (after_point == -2) {
    // The rest of the number must be one, too.
    for (std::size_t i = number.find('.') + 1; i < number.size(); ++i) {
      if (!is_digit(number[i])) give_up();
    }
  }
  for (int i = after_point == -2 ? field.scale : std::max(after_point, 0); i < field.scale; ++i) {
    if (++digits > 37) give_up();
    value *= 10;
  }
  value += rounds_up ? 1 : 0;
  Int128 limit = 1;
  for (int i = 0; i < field.precision; ++i) limit *= 10;
  is_null = value >= limit;
  return is_negative ? -value : value;
}

class Reader {
 public:
  Reader(std::string_view text, bool is_iso, bool needs_all)
      : at_(text.data()), end_(text.data() + text.size()), is_iso_(is_iso), needs_all_(needs_all) {}

  std::int64_t read(const std::vector<JsonField>& fields, std::vector<ColumnBuilder>& columns) {
    std::int64_t rows = 0;
    while (skip_line_ends()) {
      need('{');
      read_object(fields, [&](std::size_t i) -> ColumnBuilder& { return columns[i]; }, 0);
      skip_blanks();
      if (at_ < end_ && *at_ != '\n' && *at_ != '\r') give_up();
      ++rows;
    }
    return rows;
  }

 private:
  bool skip_line_ends() {
    while (at_ < end_ && (*at_ == '\n' || *at_ == '\r' || *at_ == ' ' || *at_ == '\t')) ++at_;
    return at_ < end_;
  }
  void skip_blanks() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }
  char peek() {
    skip_blanks();
    if (at_ == end_) give_up();
    return *at_;
  }
  void need(char c) {
    if (at_ == end_ || *at_ != c) give_up();
    ++at_;
  }
  void need_word(const char* word) {
    const std::size_t size = std::strlen(word);
    if (static_cast<std::size_t>(end_ - at_) < size || std::memcmp(at_, word, size) != 0) give_up();
    at_ += size;
  }

  // Behind the opening brace.
  template <typename ColumnAt>
  void read_object(const std::vector<JsonField>& fields, ColumnAt&& column_at, int depth) {
    if (depth > kDepthMax || fields.size() > 64 * kWords) give_up();
    std::uint64_t seen[kWords] = {};
    std::size_t count = 0, next = 0;
    if (peek() == '}') {
      ++at_;
    } else {
      for (;;) {
        const std::string_view key = read_key();
        const std::size_t index = find(fields, key, next);
        if (index == fields.size()) {
          skip_value(depth + 1);
        } else {
          std::uint64_t& word = seen[index / 64];
          const std::uint64_t bit = std::uint64_t{1} << index % 64;
          if (word & bit) give_up();
          word |= bit;
          ++count;
          next = index + 1;
          read_value(fields[index], column_at(index), depth + 1);
        }
        const char c = peek();
        ++at_;
        if (c == '}') break;
        if (c != ',') give_up();
        if (peek() != '"') give_up();
      }
    }
    if (count == fields.size()) return;
    if (needs_all_) give_up();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!(seen[i / 64] >> i % 64 & 1)) column_at(i).push_null();
    }
  }

  static std::size_t find(const std::vector<JsonField>& fields, std::string_view key, std::size_t next) {
    if (next < fields.size() && fields[next].name == key) return next;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == key) return i;
    }
    return fields.size();
  }

  std::string_view read_key() {
    if (peek() != '"') give_up();
    ++at_;
    const std::string_view key = plain_string();
    if (peek() != ':') give_up();
    ++at_;
    return key;
  }

  // Behind the opening quote; gives up on escapes.
  std::string_view plain_string() {
    const char* const start = at_;
    at_ = find_special(at_, end_);
    if (at_ == end_ || *at_ != '"') give_up();
    return {start, static_cast<std::size_t>(at_++ - start)};
  }

  // Behind the opening quote; escapes are resolved into a buffer of the reader's.
  std::string_view any_string() {
    const char* const start = at_;
    at_ = find_special(at_, end_);
    if (at_ == end_) give_up();
    if (*at_ == '"') return {start, static_cast<std::size_t>(at_++ - start)};
    unescaped_.assign(start, at_);
    while (at_ < end_ && *at_ != '"') {
      if (*at_ != '\\') give_up();
      ++at_;
      read_escape();
      const char* const from = at_;
      at_ = find_special(at_, end_);
      unescaped_.append(from, at_);
    }
    need('"');
    return unescaped_;
  }

  void read_escape() {
    if (at_ == end_) give_up();
    switch (*at_++) {
      case '"': unescaped_ += '"'; break;
      case '\\': unescaped_ += '\\'; break;
      case '/': unescaped_ += '/'; break;
      case 'b': unescaped_ += '\b'; break;
      case 'f': unescaped_ += '\f'; break;
      case 'n': unescaped_ += '\n'; break;
      case 'r': unescaped_ += '\r'; break;
      case 't': unescaped_ += '\t'; break;
      case 'u': append_code_point(); break;
      default: give_up();
    }
  }

  std::uint32_t hex4() {
    if (end_ - at_ < 4) give_up();
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = *at_;
      const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) give_up();
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return value;
  }

  void append_code_point() {
    std::uint32_t code = hex4();
    if (code >= 0xD800 && code < 0xE000) {
      if (code >= 0xDC00 || end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u') give_up();
      at_ += 2;
      const std::uint32_t low = hex4();
      if (low < 0xDC00 || low > 0xDFFF) give_up();
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto push = [&](std::uint32_t byte) { unescaped_ += static_cast<char>(byte); };
    if (code < 0x80) return push(code);
    if (code < 0x800) {
      push(0xC0 | code >> 6);
    } else {
      if (code < 0x10000) {
        push(0xE0 | code >> 12);
      } else {
        push(0xF0 | code >> 18);
        push(0x80 | (code >> 12 & 0x3F));
      }
      push(0x80 | (code >> 6 & 0x3F));
    }
    push(0x80 | (code & 0x3F));
  }

  // A JSON number as it stands there; says whether it is whole.
  std::string_view number(bool& is_whole) {
    const char* const start = at_;
    if (at_ < end_ && *at_ == '-') ++at_;
    if (at_ == end_ || !is_digit(*at_)) give_up();
    if (*at_ == '0') {
      ++at_;
    } else {
      while (at_ < end_ && is_digit(*at_)) ++at_;
    }
    is_whole = true;
    if (at_ < end_ && *at_ == '.') {
      is_whole = false;
      ++at_;
      skip_digits();
    }
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
      is_whole = false;
      ++at_;
      if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      skip_digits();
    }
    return {start, static_cast<std::size_t>(at_ - start)};
  }
  void skip_digits() {
    if (at_ == end_ || !is_digit(*at_)) give_up();
    while (at_ < end_ && is_digit(*at_)) ++at_;
  }

  void skip_value(int depth) {
    if (depth > kDepthMax) give_up();
    bool is_whole;
    switch (peek()) {
      case '"': ++at_; any_string(); break;
      case 't': need_word("true"); break;
      case 'f': need_word("false"); break;
      case 'n': need_word("null"); break;
      case '{': skip_container('}', depth); break;
      case '[': skip_container(']', depth); break;
      default: number(is_whole);
    }
  }

  void skip_container(char closing, int depth) {
    ++at_;
    if (peek() == closing) {
      ++at_;
      return;
    }
    for (;;) {
      if (closing == '}') {
        if (peek() != '"') give_up();
        ++at_;
        any_string();
        if (peek() != ':') give_up();
        ++at_;
      }
      skip_value(depth + 1);
      const char c = peek();
      ++at_;
      if (c == closing) return;
      if (c != ',') give_up();
    }
  }

  void read_value(const JsonField& field, ColumnBuilder& column, int depth) {
    if (depth > kDepthMax) give_up();
    const char c = peek();
    if (c == 'n') {
      need_word("null");
      return column.push_null();
    }
    switch (field.kind) {
      case JsonKind::kBool: return read_bool(c, column);
      case JsonKind::kWhole: return read_whole(c, column);
      case JsonKind::kReal: return read_real(c, column);
      case JsonKind::kDecimal: return read_decimal(c, field, column);
      case JsonKind::kText: return read_text(c, column);
      case JsonKind::kDate: return read_date(column);
      case JsonKind::kTime: return read_time(column);
      case JsonKind::kTimestamp: return read_timestamp(field, column);
      case JsonKind::kRow: return read_row(field, column, depth);
      case JsonKind::kList: return read_list(field, column, depth);
      case JsonKind::kMap: return read_map(field, column, depth);
    }
  }

  void read_bool(char c, ColumnBuilder& column) {
    need_word(c == 't' ? "true" : "false");
    column.push<std::uint8_t>(c == 't');
  }

  void read_whole(char c, ColumnBuilder& column) {
    bool is_whole = true;
    std::string_view text;
    if (c == '"') {
      ++at_;
      text = plain_string();
      if (!text.empty() && text[0] == '+') text.remove_prefix(1);
      if (text.empty() || !is_digit(text.back())) give_up();
    } else {
      text = number(is_whole);
    }
    std::int64_t value = 0;
    const auto found = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!is_whole || found.ec != std::errc() || found.ptr != text.data() + text.size()) give_up();
    switch (column.type().format[0]) {
      case 'c': return push_narrow<std::int8_t>(value, column);
      case 's': return push_narrow<std::int16_t>(value, column);
      case 'i': return push_narrow<std::int32_t>(value, column);
      default: column.push<std::int64_t>(value);
    }
  }
  template <typename T>
  void push_narrow(std::int64_t value, ColumnBuilder& column) {
    if (static_cast<std::int64_t>(static_cast<T>(value)) != value) give_up();
    column.push<T>(static_cast<T>(value));
  }

  void read_real(char c, ColumnBuilder& column) {
    bool is_whole;
    if (c == '"') give_up();
    const std::string_view text = number(is_whole);
    double value = 0;
    const auto found = std::from_chars(text.data(), text.data() + text.size(), value);
    if (found.ec != std::errc()) give_up();
    if (column.type().format[0] == 'f') {
      column.push<float>(static_cast<float>(value));
    } else {
      column.push<double>(value);
    }
  }

  void read_decimal(char c, const JsonField& field, ColumnBuilder& column) {
    bool is_whole, is_null = false;
    std::string_view text;
    if (c == '"') {
      ++at_;
      text = plain_string();
    } else {
      text = number(is_whole);
    }
    const Int128 value = decimal_of(text, field, is_null);
    if (is_null) return column.push_null();
    column.push<Int128>(value);
  }

  void read_text(char c, ColumnBuilder& column) {
    bool is_whole;
    if (c == '"') {
      ++at_;
      return column.push_bytes(any_string());
    }
    if (c == 't' || c == 'f') {
      need_word(c == 't' ? "true" : "false");
      return column.push_bytes(c == 't' ? "true" : "false");
    }
    column.push_bytes(number(is_whole));
  }

  std::string_view need_string() {
    need('"');
    return plain_string();
  }

  void read_date(ColumnBuilder& column) {
    Text text(need_string());
    const std::int64_t days = read_days(text);
    if (!text.done()) give_up();
    column.push<std::int32_t>(static_cast<std::int32_t>(days));
  }

  void read_time(ColumnBuilder& column) {
    Text text(need_string());
    const std::int64_t nanos = read_nanos(text, false);
    if (!text.done()) give_up();
    column.push<std::int64_t>(nanos / 1000000 * 1000000);
  }

  void read_timestamp(const JsonField& field, ColumnBuilder& column) {
    column.push<std::int64_t>(timestamp_of(need_string(), field, is_iso_));
  }

  void read_row(const JsonField& field, ColumnBuilder& column, int depth) {
    need('{');
    read_object(field.children, [&](std::size_t i) -> ColumnBuilder& { return column.child(i); }, depth);
    column.close_struct();
  }

  void read_list(const JsonField& field, ColumnBuilder& column, int depth) {
    need('[');
    if (peek() == ']') {
      ++at_;
      return column.close_list();
    }
    for (;;) {
      read_value(field.children[0], column.child(0), depth + 1);
      const char c = peek();
      ++at_;
      if (c == ']') return column.close_list();
      if (c != ',') give_up();
    }
  }

  // Keys that repeat would have to be one entry: there are few of them, compare them all.
  void read_map(const JsonField& field, ColumnBuilder& column, int depth) {
    need('{');
    if (peek() == '}') {
      ++at_;
      return column.close_list();
    }
    ColumnBuilder& entry = column.child(0);
    std::vector<std::string_view> keys;
    for (;;) {
      const std::string_view key = read_key();
      for (const std::string_view& other : keys) {
        if (other == key) give_up();
      }
      keys.push_back(key);
      entry.child(0).push_bytes(key);
      read_value(field.children[0], entry.child(1), depth + 1);
      entry.close_struct();
      const char c = peek();
      ++at_;
      if (c == '}') return column.close_list();
      if (c != ',' || peek() != '"') give_up();
    }
  }

  static constexpr std::size_t kWords = 16;

  const char* at_;
  const char* const end_;
  const bool is_iso_;
  const bool needs_all_;
  std::string unescaped_;
};

}  // namespace

ColumnType JsonField::type() const {
  ColumnType made{format, name, {}};
  if (kind == JsonKind::kMap) {
    ColumnType value = children[0].type();
    value.name = "value";
    made.children.push_back(ColumnType{"+s", "item", {ColumnType{"vu", "key", {}}, std::move(value)}});
    return made;
  }
  for (const JsonField& child : children) made.children.push_back(child.type());
  if (kind == JsonKind::kList) made.children[0].name = "item";
  return made;
}

JsonLines::JsonLines(std::vector<JsonField> fields, bool is_iso, bool needs_all)
    : fields_(std::move(fields)), is_iso_(is_iso), needs_all_(needs_all) {}

bool JsonLines::read(std::string_view text, Batch& out, std::int64_t& rows) const {
  std::vector<ColumnBuilder> columns;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    ColumnType type = fields_[i].type();
    type.name = "f" + std::to_string(i);
    columns.emplace_back(std::move(type));
  }
  try {
    rows = Reader(text, is_iso_, needs_all_).read(fields_, columns);
  } catch (const GaveUp&) {
    return false;
  }
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  return true;
}

}  // namespace flott
