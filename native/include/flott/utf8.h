// Whether bytes are text.
#pragma once

#include <cstdint>
#include <string_view>

namespace flott {

// The high bits of bytes that are not ASCII.
inline constexpr std::uint64_t kNotAscii = 0x8080808080808080ULL;

// Copies bytes and says whether all of them are ASCII.
bool copy_is_ascii(char* out, std::string_view bytes);

// Whether bytes are UTF-8: nothing longer than needed, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view bytes);

}  // namespace flott
