#include "flott/utf8.h"

#include <cstring>

namespace flott {
namespace {

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// How many bytes the character at `at` has; 0 if it is none.
std::size_t character_size(const unsigned char* at, std::size_t left) {
  const auto follows = [&](std::size_t index) { return (at[index] & 0xC0) == 0x80; };
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return left >= 2 && follows(1) ? 2 : 0;
  if (lead < 0xF0) {
    if (left < 3 || !follows(1) || !follows(2)) return 0;
    if (lead == 0xE0 && at[1] < 0xA0) return 0;
    return lead == 0xED && at[1] >= 0xA0 ? 0 : 3;
  }
  if (lead > 0xF4 || left < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
  if (lead == 0xF0 && at[1] < 0x90) return 0;
  return lead == 0xF4 && at[1] >= 0x90 ? 0 : 4;
}

}  // namespace

bool copy_is_ascii(char* out, std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t seen = 0, more = 0;
  for (; end - at >= 16; at += 16, out += 16) {
    const std::uint64_t first = word_at(at), second = word_at(at + 8);
    std::memcpy(out, &first, 8);
    std::memcpy(out + 8, &second, 8);
    seen |= first;
    more |= second;
  }
  for (; at < end; ++at, ++out) {
    *out = *at;
    seen |= static_cast<unsigned char>(*at);
  }
  return ((seen | more) & kNotAscii) == 0;
}

bool is_utf8(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at < end) {
    if (end - at >= 8 && (word_at(at) & kNotAscii) == 0) {
      at += 8;
      continue;
    }
    const std::size_t size =
        character_size(reinterpret_cast<const unsigned char*>(at), static_cast<std::size_t>(end - at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

}  // namespace flott
