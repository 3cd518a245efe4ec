// The tokens of a JSON text, one after the other.
//
// The scanner never asks where the text ends: what follows it is a control character, at which every
// token ends, and memory that may be read, so that words are compared and searched as a whole. What
// it cannot take it gives up by an exception; the text may be broken or only unusual.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "flott/column_builder.h"

namespace flott {

// So many bytes behind a text must be readable; the first of them is a control character.
inline constexpr std::size_t kJsonPadding = 64;
inline constexpr int kJsonDepthMax = 64;

struct JsonGaveUp {};
[[noreturn]] void json_give_up();

// A number as it stands in a text.
struct JsonNumber {
  std::string_view text;
  bool is_whole;
};

inline std::uint64_t json_word(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

  // The first quote, backslash or control character; there is one, and padding behind it.
  inline const char* find_json_special(const char* at) {
#if defined(__SSE2__)
    for (;; at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const __m128i limit = _mm_set1_epi8(0x1F);
      const __m128i controls = _mm_cmpeq_epi8(_mm_max_epu8(bytes, limit), limit);
      const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
      const __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
      const auto found =
          static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls)));
      if (found) return at + std::countr_zero(found);
    }
#else
    static_assert(std::endian::native == std::endian::little);
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL, kHighs = 0x8080808080808080ULL;
    const auto zeros = [&](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
    for (;; at += 8) {
      const std::uint64_t word = json_word(at);
      const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kHighs;
      // The lowest mark is right; only marks above another may be wrong.
      const std::uint64_t found = zeros(word ^ kOnes * '"') | zeros(word ^ kOnes * '\\') | controls;
      if (found) return at + std::countr_zero(found) / 8;
    }
#endif
  }

class JsonScanner {
 public:
  // With `line_ends`, they are blanks like others.
  void open(const char* at, bool line_ends) {
    at_ = at;
    line_ends_ = line_ends;
  }

  const char* at() const { return at_; }
  void step(std::size_t count = 1) { at_ += count; }
  // The next character that is no blank.
  char peek() {
    if (static_cast<unsigned char>(*at_) <= ' ') skip_blanks();
    return *at_;
  }
  void need(char c) {
    if (peek() != c) json_give_up();
    ++at_;
  }
  template <std::size_t Size>
  void need_word(const char (&word)[Size]) {
    if (std::memcmp(at_, word, Size - 1) != 0) json_give_up();
    at_ += Size - 1;
  }
  // Behind one member of an object or array: whether another follows.
  bool has_more(char closing) {
    const char c = peek();
    ++at_;
    if (c == closing) return false;
    if (c != ',') json_give_up();
    return true;
  }

  // Behind the opening quote: a string without escapes.
  std::string_view plain_string() {
    const char* const start = at_;
    at_ = find_json_special(at_);
    if (*at_ != '"') json_give_up();
    return {start, static_cast<std::size_t>(at_++ - start)};
  }
  // A string with or without; valid until the next one, and padded.
  std::string_view any_string() {
    const char* const start = at_;
    at_ = find_json_special(at_);
    if (*at_ != '"') return unescape(start);
    return {start, static_cast<std::size_t>(at_++ - start)};
  }
  JsonNumber number() {
    const char* const start = at_;
    if (*at_ == '-') ++at_;
    if (*at_ == '0') {
      ++at_;
      // As a whole number it is 0, not what its text says.
      if (*start == '-' && *at_ != '.' && *at_ != 'e' && *at_ != 'E') json_give_up();
    } else {
      skip_digits();
    }
    bool is_whole = true;
    if (*at_ == '.') {
      is_whole = false;
      ++at_;
      skip_digits();
    }
    if (*at_ == 'e' || *at_ == 'E') {
      is_whole = false;
      ++at_;
      if (*at_ == '+' || *at_ == '-') ++at_;
      skip_digits();
    }
    return {{start, static_cast<std::size_t>(at_ - start)}, is_whole};
  }
  // Passes over a value of any kind, which must be one.
  void skip_value(int depth);

 private:
  static bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
  void skip_digits() {
    if (!is_digit(*at_)) json_give_up();
    while (is_digit(*at_)) ++at_;
  }
  void skip_blanks() {
    while (*at_ == ' ' || *at_ == '\t' || (line_ends_ && (*at_ == '\n' || *at_ == '\r'))) ++at_;
  }
  std::string_view unescape(const char* start);
  void read_escape();
  void skip_string();
  void skip_container(char closing, int depth);
  std::uint32_t hex4();
  void append_code_point();
  void append(char c) { *unescaped_.extend(1) = c; }

  const char* at_ = nullptr;
  bool line_ends_ = false;
  Buffer unescaped_;
};

}  // namespace flott
