// Values as texts in JSON; each appends to a buffer. False where slower code is to write it.
#pragma once

#include <cstdint>
#include <string_view>

#include "flott/column_builder.h"

namespace flott {

// In quotes, with escapes as they must be and no others.
void write_json_text(std::string_view text, Buffer& out);
void write_json_base64(std::string_view bytes, Buffer& out);
void write_json_whole(std::int64_t value, Buffer& out);
// The shortest text that means the value, in Java's form; what is no number stands in quotes.
void write_json_real(double value, Buffer& out);
void write_json_real(float value, Buffer& out);
// Without zeros at its end; `is_plain` never has an exponent.
void write_json_decimal(Int128 value, int scale, bool is_plain, Buffer& out);
bool write_json_date(std::int64_t days, Buffer& out);
void write_json_time(std::int64_t nanos, Buffer& out);

struct JsonTimestampForm {
  std::int64_t units;  // a second
  char separator;
  bool is_zoned;
};
bool write_json_timestamp(std::int64_t value, JsonTimestampForm form, Buffer& out);

inline void write_json_raw(std::string_view text, Buffer& out) { out.append(text.data(), text.size()); }

}  // namespace flott
