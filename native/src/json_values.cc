#include "flott/json_values.h"

#include <array>
#include <charconv>
#include <cstring>

#include "flott/json_scanner.h"

namespace flott {
namespace {

constexpr std::size_t kDateSize = 10;
constexpr std::int64_t kSecond = 1000000000;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Two digits; `wrong` is set if they are none, so that one branch at the end is enough.
unsigned two_digits(const char* at, unsigned& wrong) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  wrong |= static_cast<unsigned>(tens > 9) | static_cast<unsigned>(ones > 9);
  return tens * 10 + ones;
}

std::int64_t days_of(unsigned year, unsigned month, unsigned day) {
  static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) json_give_up();
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > kDays[month - 1] + (month == 2 && is_leap ? 1 : 0)) json_give_up();
  const unsigned y = year - (month <= 2);
  const unsigned era = y / 400;
  const unsigned of_era = y - era * 400;
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

// The digits of a fraction up to `end`, as nanoseconds.
std::int64_t fraction_nanos(const char* at, const char* end) {
  std::int64_t value = 0;
  if (end - at > 9) json_give_up();
  for (const char* digit = at; digit < end; ++digit) {
    if (!is_digit(*digit)) json_give_up();
    value = value * 10 + (*digit - '0');
  }
  for (auto count = end - at; count < 9; ++count) value *= 10;
  return value;
}

// HH:MM:SS with or without a fraction; in short form also HH:MM.
std::int64_t nanos_of(std::string_view text, bool short_form) {
  unsigned wrong = 0;
  if (text.size() < 5 || text[2] != ':') json_give_up();
  const unsigned hour = two_digits(text.data(), wrong);
  const unsigned minute = two_digits(text.data() + 3, wrong);
  unsigned second = 0;
  std::int64_t nanos = 0;
  if (text.size() > 5 || !short_form) {
    if (text.size() < 8 || text[5] != ':') json_give_up();
    second = two_digits(text.data() + 6, wrong);
  }
  if (text.size() > 8) {
    if (text[8] != '.' || (short_form && text.size() == 9)) json_give_up();
    nanos = fraction_nanos(text.data() + 9, text.data() + text.size());
  }
  if (wrong || hour > 23 || minute > 59 || second > 59) json_give_up();
  return std::int64_t{(hour * 60 + minute) * 60 + second} * kSecond + nanos;
}

const Int128* powers_of_ten() {
  static const auto powers = [] {
    std::array<Int128, 39> made;
    made[0] = 1;
    for (std::size_t i = 1; i < made.size(); ++i) made[i] = made[i - 1] * 10;
    return made;
  }();
  return powers.data();
}

bool are_eight_digits(std::uint64_t word) {
  return ((word & 0xF0F0F0F0F0F0F0F0ULL) | (((word + 0x0606060606060606ULL) & 0xF0F0F0F0F0F0F0F0ULL) >> 4)) ==
         0x3333333333333333ULL;
}

// Pairs, then fours, then all eight.
std::uint64_t eight_digits(std::uint64_t word) {
  word = (word & 0x0F0F0F0F0F0F0F0FULL) * 2561 >> 8;
  word = (word & 0x00FF00FF00FF00FFULL) * 6553601 >> 16;
  return (word & 0x0000FFFF0000FFFFULL) * 42949672960001ULL >> 32;
}

// Digits up to 19 of them; stops at anything else.
std::uint64_t read_digits(const char*& at, const char* end) {
  std::uint64_t value = 0;
  while (end - at >= 8 && are_eight_digits(json_word(at))) {
    value = value * 100000000 + eight_digits(json_word(at));
    at += 8;
  }
  for (; at < end && is_digit(*at); ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  return value;
}

}  // namespace

std::int64_t json_whole(std::string_view text) {
  const bool is_negative = !text.empty() && text[0] == '-';
  if (is_negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (text.empty()) json_give_up();
  if (text.size() > 18) {
    // Nineteen digits may or may not fit; twice in a lifetime.
    std::uint64_t value = 0;
    const auto found = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::uint64_t limit = (std::uint64_t{1} << 63) - (is_negative ? 0 : 1);
    if (found.ec != std::errc() || found.ptr != text.data() + text.size() || value > limit) json_give_up();
    return static_cast<std::int64_t>(is_negative ? ~value + 1 : value);
  }
  const char* at = text.data();
  const auto value = static_cast<std::int64_t>(read_digits(at, text.data() + text.size()));
  if (at != text.data() + text.size()) json_give_up();
  return is_negative ? -value : value;
}

double json_real(std::string_view number) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char* const end = number.data() + number.size();
  const bool is_negative = number[0] == '-';
  // Both parts are exact in a double, so that their quotient is rounded once.
  if (number.size() <= 17) {
    const char* at = number.data() + is_negative;
    std::uint64_t digits = read_digits(at, end);
    std::ptrdiff_t fraction = 0;
    if (at < end && *at == '.') {
      const char* const point = at++;
      for (; at < end && is_digit(*at); ++at) digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
      fraction = at - point - 1;
    }
    if (at == end && digits <= std::uint64_t{1} << 53) {
      const double value = static_cast<double>(digits) / kPowers[fraction];
      return is_negative ? -value : value;
    }
  }
  double value = 0;
  const auto found = std::from_chars(number.data(), end, value);
  if (found.ec != std::errc() || found.ptr != end) json_give_up();
  return value;
}

// 10 ^ 38 and more do not fit.
Int128 json_decimal(std::string_view number, int precision, int scale, bool& is_null) {
  Int128 value = 0;
  int digits = 0, after_point = -1;
  bool rounds_up = false, is_cut = false;
  const bool is_signed = !number.empty() && (number[0] == '-' || number[0] == '+');
  const bool is_negative = is_signed && number[0] == '-';
  for (std::size_t i = is_signed; i < number.size(); ++i) {
    const char c = number[i];
    if (c == '.' && after_point < 0) {
      after_point = 0;
    } else if (!is_digit(c)) {
      json_give_up();
    } else if (after_point < scale) {
      if (++digits > 37) json_give_up();
      value = value * 10 + (c - '0');
      after_point += after_point >= 0;
    } else if (!is_cut) {
      is_cut = true;
      rounds_up = c >= '5';
      ++digits;
    }
  }
  if (digits == 0) json_give_up();
  const int lacking = scale - std::max(after_point, 0);
  if (digits + lacking > 37) json_give_up();
  value = value * powers_of_ten()[lacking] + (rounds_up ? 1 : 0);
  is_null = value >= powers_of_ten()[precision];
  return is_negative ? -value : value;
}

std::int64_t json_time(std::string_view text) { return nanos_of(text, false) / 1000000 * 1000000; }

void json_bytes(std::string_view text, Buffer& out) {
  static constexpr auto kValues = [] {
    std::array<std::int8_t, 256> values;
    values.fill(-1);
    for (int i = 0; i < 26; ++i) {
      values[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(i);
      values[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(26 + i);
    }
    for (int i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(52 + i);
    values['+'] = 62;
    values['/'] = 63;
    return values;
  }();
  if (text.size() % 4 != 0) json_give_up();
  std::size_t count = text.size() / 4 * 3;
  if (text.ends_with('=')) --count, text.remove_suffix(1);
  if (text.ends_with('=')) --count, text.remove_suffix(1);
  char* const bytes = out.extend(count + 3);
  int wrong = 0;
  for (std::size_t from = 0, to = 0; from < text.size(); from += 4, to += 3) {
    std::uint32_t four = 0;
    for (std::size_t i = from; i < from + 4; ++i) {
      const int value = i < text.size() ? kValues[static_cast<unsigned char>(text[i])] : 0;
      wrong |= value;
      four = four << 6 | (static_cast<std::uint32_t>(value) & 63);
    }
    bytes[to] = static_cast<char>(four >> 16);
    bytes[to + 1] = static_cast<char>(four >> 8);
    bytes[to + 2] = static_cast<char>(four);
  }
  if (wrong < 0) json_give_up();
  out.shrink(out.size() - 3);
}

std::int64_t JsonDates::days_at(const char* at) {
  const std::uint64_t text = json_word(at);
  std::uint16_t day;
  std::memcpy(&day, at + 8, sizeof day);
  if (text == last_text_ && day == last_day_) return last_;
  unsigned wrong = static_cast<unsigned>(at[4] != '-') | static_cast<unsigned>(at[7] != '-');
  const unsigned year = two_digits(at, wrong) * 100 + two_digits(at + 2, wrong);
  const unsigned month = two_digits(at + 5, wrong), of_month = two_digits(at + 8, wrong);
  if (wrong) json_give_up();
  last_ = days_of(year, month, of_month);
  last_text_ = text;
  last_day_ = day;
  return last_;
}

std::int64_t JsonDates::days(std::string_view text) {
  if (text.size() != kDateSize) json_give_up();
  return days_at(text.data());
}

std::int64_t JsonDates::timestamp(std::string_view text, JsonTimestamps how) {
  if (text.size() < kDateSize + 6 || text[kDateSize] != (how.is_iso ? 'T' : ' ')) json_give_up();
  if (how.is_zoned) {
    if (text.back() != 'Z') json_give_up();
    text.remove_suffix(1);
  }
  const std::int64_t days = days_at(text.data());
  const std::int64_t nanos = nanos_of(text.substr(kDateSize + 1), how.is_iso);
  if (how.is_micros) return days * 86400000000 + nanos / 1000;
  if (days < -106751 || days > 106750) json_give_up();
  return days * 86400 * kSecond + nanos;
}

}  // namespace flott
