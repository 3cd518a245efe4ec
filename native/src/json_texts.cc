#include "flott/json_texts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "flott/json_scanner.h"

namespace flott {
namespace {

constexpr std::int64_t kNanos = 1000000000;
constexpr std::int64_t kDaySeconds = 86400;

// The digits of a number and where its point is: d.ddd times ten to the `exponent`.
struct Digits {
  const char* at;
  int count;
  int exponent;
};

char* put(char* out, const char* bytes, int count) {
  std::memcpy(out, bytes, static_cast<std::size_t>(count));
  return out + count;
}

char* put_zeros(char* out, int count) {
  std::memset(out, '0', static_cast<std::size_t>(count));
  return out + count;
}

// Without exponent; `least` digits behind the point.
char* put_plain(char* out, Digits digits, int least) {
  const int whole = digits.exponent + 1;
  if (whole <= 0) {
    out = put(out, "0.", 2);
    out = put_zeros(out, -whole);
    return put(out, digits.at, digits.count);
  }
  if (digits.count > whole) {
    out = put(out, digits.at, whole);
    *out++ = '.';
    return put(out, digits.at + whole, digits.count - whole);
  }
  out = put(out, digits.at, digits.count);
  out = put_zeros(out, whole - digits.count);
  if (least == 0) return out;
  *out++ = '.';
  return put_zeros(out, least);
}

char* put_two(char* out, unsigned value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* put_fraction(char* out, std::int64_t nanos) {
  if (nanos == 0) return out;
  *out++ = '.';
  for (int i = 8; i >= 0; --i, nanos /= 10) out[i] = static_cast<char>('0' + nanos % 10);
  int count = 9;
  while (out[count - 1] == '0') --count;
  return out + count;
}

char* put_time(char* out, std::int64_t seconds, std::int64_t nanos) {
  const auto of_day = static_cast<unsigned>(seconds);
  out = put_two(out, of_day / 3600);
  *out++ = ':';
  out = put_two(out, of_day / 60 % 60);
  *out++ = ':';
  out = put_two(out, of_day % 60);
  return put_fraction(out, nanos);
}

// From year 1 to 9999; null else.
char* put_date(char* out, std::int64_t days) {
  if (days < -719162 || days > 2932896) return nullptr;
  const auto z = static_cast<unsigned>(days + 719468);
  const unsigned era = z / 146097, of_era = z - era * 146097;
  const unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * of_year + 2) / 153;
  const unsigned day = of_year - (153 * shifted + 2) / 5 + 1;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  const unsigned year = year_of_era + era * 400 + (month <= 2);
  out = put_two(out, year / 100);
  out = put_two(out, year % 100);
  *out++ = '-';
  out = put_two(out, month);
  *out++ = '-';
  return put_two(out, day);
}

// Room for `most` bytes at the end of a buffer, of which `end` says how many were used.
class Room {
 public:
  Room(Buffer& out, std::size_t most) : out_(out), before_(out.size()), at_(out.extend(most)) {}
  char* at() const { return at_; }
  void end(const char* end) { out_.shrink(before_ + static_cast<std::size_t>(end - at_)); }
  void cancel() { out_.shrink(before_); }

 private:
  Buffer& out_;
  std::size_t before_;
  char* at_;
};

// The shortest digits that mean `value`, in `text`.
template <typename T>
Digits shortest_digits(T value, char (&text)[40]) {
  const char* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  // d.ddde+dd; the digits are pushed together.
  const char* const mark = std::find(static_cast<const char*>(text), end, 'e');
  int exponent = 0;
  std::from_chars(mark + 1 + (mark[1] == '+'), end, exponent);
  const auto count = static_cast<int>(mark - text);
  if (count > 1) std::memmove(text + 1, text + 2, static_cast<std::size_t>(count - 2));
  return {text, std::max(count - 1, 1), exponent};
}

// Of a whole number whose last bit stands for two to the `last`: all digits but those it does not tell.
Digits whole_digits(std::uint64_t value, int last, char (&text)[40]) {
  int unknown = 0;
  std::uint64_t unit = 1;
  for (std::uint64_t bits = last > 2 ? std::uint64_t{1} << (last - 2) : 1; bits >= 10; bits /= 10) {
    ++unknown;
    unit *= 10;
  }
  auto count = static_cast<int>(std::to_chars(text, text + sizeof text, (value + unit / 2) / unit).ptr - text);
  const int exponent = count - 1 + unknown;
  while (count > 1 && text[count - 1] == '0') --count;
  return {text, count, exponent};
}

// Digits of a number that is written with an exponent; false if they take more than 64 bits to find.
template <typename T>
bool java_digits(T value, char (&text)[40], Digits& digits) {
  constexpr double kWholeMost = 9223372036854775808.0;
  int power = 0;
  const bool is_power_of_two = std::frexp(value, &power) == T(0.5);
  const int last = power - std::numeric_limits<T>::digits;
  if (value >= kWholeMost || value < std::numeric_limits<T>::min() || (last < 0 && is_power_of_two)) return false;
  digits = last >= 0 ? whole_digits(static_cast<std::uint64_t>(value), last, text) : shortest_digits(value, text);
  return true;
}

template <typename T>
bool write_real(T value, Buffer& out) {
  if (!std::isfinite(value)) {
    write_json_raw(value != value ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"", out);
    return true;
  }
  Room room(out, 64);
  char* at = room.at();
  if (std::signbit(value)) *at++ = '-';
  if (value == 0) {
    room.end(put(at, "0.0", 3));
    return true;
  }
  const T size = std::abs(value);
  char text[40];
  if (size >= T(1e-3) && size < T(1e7)) {
    room.end(put_plain(at, shortest_digits(size, text), 1));
    return true;
  }
  Digits digits{};
  if (!java_digits(size, text, digits)) {
    room.cancel();
    return false;
  }
  *at++ = text[0];
  *at++ = '.';
  at = digits.count > 1 ? put(at, text + 1, digits.count - 1) : put_zeros(at, 1);
  *at++ = 'E';
  room.end(std::to_chars(at, at + 8, digits.exponent).ptr);
  return true;
}

// A unit of UTF-16 as an escape.
void write_unit(unsigned unit, Buffer& out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const char text[] = {'\\', 'u', kHex[unit >> 12], kHex[unit >> 8 & 15], kHex[unit >> 4 & 15], kHex[unit & 15]};
  out.append(text, sizeof text);
}

// What stands for a character that cannot stand for itself.
void write_escaped(unsigned char c, Buffer& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto write = [&](const char* text) { write_json_raw(text, out); };
  switch (c) {
    case '"': return write("\\\"");
    case '\\': return write("\\\\");
    case '\b': return write("\\b");
    case '\f': return write("\\f");
    case '\n': return write("\\n");
    case '\r': return write("\\r");
    case '\t': return write("\\t");
    default: {
      const char text[] = {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
      out.append(text, sizeof text);
    }
  }
}

}  // namespace

// The text is copied first, and then searched where it is padded and ends in a quote.
void write_json_text(std::string_view text, Buffer& out) {
  const std::size_t start = out.size();
  Room room(out, text.size() + 2 + kJsonPadding);
  char* at = room.at();
  *at++ = '"';
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  at[text.size()] = '"';
  const std::size_t clean = static_cast<std::size_t>(find_json_special(at) - at);
  if (clean == text.size()) return room.end(at + clean + 1);
  out.shrink(start + 1 + clean);
  for (std::size_t i = clean; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == '"' || c == '\\') {
      write_escaped(c, out);
    } else {
      *out.extend(1) = text[i];
    }
  }
  *out.extend(1) = '"';
}

void write_json_bmp_text(std::string_view text, Buffer& out) {
  const std::size_t start = out.size();
  write_json_text(text, out);
  constexpr unsigned char kBeyond = 0xF0;  // begins four bytes
  const std::string_view written(out.data() + start, out.size() - start);
  unsigned char most = 0;
  for (const char c : written) most = std::max(most, static_cast<unsigned char>(c));
  if (most < kBeyond) return;
  const std::string kept(written);
  out.shrink(start);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (static_cast<unsigned char>(kept[i]) < kBeyond || i + 3 >= kept.size()) {
      *out.extend(1) = kept[i];
      continue;
    }
    const auto bits = [&](std::size_t index) { return static_cast<unsigned>(kept[i + index]) & 0x3F; };
    const unsigned beyond = ((bits(0) & 7) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3)) - 0x10000;
    write_unit(0xD800 | beyond >> 10, out);
    write_unit(0xDC00 | (beyond & 0x3FF), out);
    i += 3;
  }
}

void write_json_base64(std::string_view bytes, Buffer& out) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char* at = out.extend((bytes.size() + 2) / 3 * 4 + 2);
  *at++ = '"';
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t index) {
      return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0u;
    };
    const unsigned three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    *at++ = kLetters[three >> 18];
    *at++ = kLetters[three >> 12 & 63];
    *at++ = i + 1 < bytes.size() ? kLetters[three >> 6 & 63] : '=';
    *at++ = i + 2 < bytes.size() ? kLetters[three & 63] : '=';
  }
  *at = '"';
}

void write_json_whole(std::int64_t value, Buffer& out) {
  Room room(out, 24);
  room.end(std::to_chars(room.at(), room.at() + 24, value).ptr);
}

bool write_json_real(double value, Buffer& out) { return write_real(value, out); }
bool write_json_real(float value, Buffer& out) { return write_real(value, out); }

void write_json_decimal(Int128 value, int scale, DecimalForm form, Buffer& out) {
  if (value == 0 && form != DecimalForm::kWhole) return write_json_raw("0", out);
  Room room(out, 96);
  char* at = room.at();
  if (value < 0) *at++ = '-';
  auto left = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  char text[40];
  char* first = text + sizeof text;
  for (; left > UINT64_MAX; left /= 10) *--first = static_cast<char>('0' + static_cast<int>(left % 10));
  for (auto low = static_cast<std::uint64_t>(left); low; low /= 10) *--first = static_cast<char>('0' + low % 10);
  int count = static_cast<int>(text + sizeof text - first);
  if (form == DecimalForm::kWhole) {
    for (; count <= scale; ++count) *--first = '0';  // a digit stands before the point
    at = put(at, first, count - scale);
    if (scale == 0) return room.end(at);
    *at++ = '.';
    return room.end(put(at, first + count - scale, scale));
  }
  const int exponent = count - 1 - scale;
  while (first[count - 1] == '0') --count;
  const bool is_cut = exponent + 1 > count;  // zeros before the point were taken off
  if (form == DecimalForm::kShortPlain || (!is_cut && exponent >= -6)) {
    return room.end(put_plain(at, {first, count, exponent}, 0));
  }
  *at++ = first[0];
  if (count > 1) {
    *at++ = '.';
    at = put(at, first + 1, count - 1);
  }
  *at++ = 'E';
  if (exponent >= 0) *at++ = '+';
  room.end(std::to_chars(at, at + 8, exponent).ptr);
}

bool write_json_date(std::int64_t days, Buffer& out) {
  Room room(out, 16);
  *room.at() = '"';
  char* const end = put_date(room.at() + 1, days);
  if (!end) return false;
  *end = '"';
  room.end(end + 1);
  return true;
}

void write_json_time(std::int64_t nanos, Buffer& out) {
  Room room(out, 24);
  *room.at() = '"';
  char* const end = put_time(room.at() + 1, nanos / kNanos, nanos % kNanos);
  *end = '"';
  room.end(end + 1);
}

bool write_json_timestamp(std::int64_t value, JsonTimestampForm form, Buffer& out) {
  std::int64_t seconds = value / form.units, rest = value % form.units;
  if (rest < 0) rest += form.units, --seconds;
  std::int64_t days = seconds / kDaySeconds, of_day = seconds % kDaySeconds;
  if (of_day < 0) of_day += kDaySeconds, --days;
  Room room(out, 40);
  *room.at() = '"';
  char* at = put_date(room.at() + 1, days);
  if (!at) return false;
  *at++ = form.separator;
  at = put_time(at, of_day, rest * (kNanos / form.units));
  if (form.is_zoned) *at++ = 'Z';
  *at++ = '"';
  room.end(at);
  return true;
}

}  // namespace flott
