// What texts in JSON mean as values of columns: numbers, decimals, dates, times, timestamps.
//
// Only what is plain; anything else gives up (json_scanner.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "flott/column_builder.h"

namespace flott {

// Whole numbers with a sign or none; `text` is padded.
std::int64_t json_whole(std::string_view text);
double json_real(std::string_view number);
// Rounded half up to `scale` digits behind the point; `is_null` if more than `precision` are left.
Int128 json_decimal(std::string_view number, int precision, int scale, bool& is_null);
// Nanoseconds of the day, whole milliseconds.
std::int64_t json_time(std::string_view text);

// Appends the bytes of their base64 text.
void json_bytes(std::string_view text, Buffer& out);

// How timestamps are written and kept.
struct JsonTimestamps {
  bool is_iso;    // a T between date and time, seconds may be left out
  bool is_zoned;  // they end in Z
  bool is_micros; // else nanoseconds since 1970
};

// Days since 1970; remembers the last date, which most often is the next, too.
class JsonDates {
 public:
  std::int64_t days(std::string_view text);
  std::int64_t timestamp(std::string_view text, JsonTimestamps how);

 private:
  std::int64_t days_at(const char* at);

  std::uint64_t last_text_ = 0;
  std::uint16_t last_day_ = 0;
  std::int64_t last_ = 0;
};

}  // namespace flott
