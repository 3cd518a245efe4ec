// Values as texts in JSON; each appends to a buffer. False where slower code is to write it.
#pragma once

#include <cstdint>
#include <string_view>

#include "flott/column_builder.h"

namespace flott {

// In quotes, with escapes as they must be and no others.
void write_json_text(std::string_view text, Buffer& out);
// The same as Jackson writes bytes: characters beyond the first 65,536 are pairs of escapes.
void write_json_bmp_text(std::string_view text, Buffer& out);
void write_json_base64(std::string_view bytes, Buffer& out);
void write_json_whole(std::int64_t value, Buffer& out);
// In Java's form (common/java_reals.py); what is no number stands in quotes. False for numbers whose
// digits take more than 64 bits to find: those from 2^63 on, subnormal ones, small powers of two.
bool write_json_real(double value, Buffer& out);
bool write_json_real(float value, Buffer& out);

enum class DecimalForm : std::uint8_t {
  kShort,       // without zeros at its end, with an exponent where Java writes one
  kShortPlain,  // without zeros at its end nor exponent
  kWhole,       // all digits of its type
};
void write_json_decimal(Int128 value, int scale, DecimalForm form, Buffer& out);
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
