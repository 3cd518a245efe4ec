// What is rare: escapes, and what is passed over.
#include "flott/json_scanner.h"

namespace flott {

void json_give_up() { throw JsonGaveUp{}; }

std::string_view JsonScanner::unescape(const char* start) {
  unescaped_.shrink(0);
  unescaped_.append(start, static_cast<std::size_t>(at_ - start));
  while (*at_ != '"') {
    if (*at_ != '\\') json_give_up();
    ++at_;
    read_escape();
    const char* const from = at_;
    at_ = find_json_special(at_);
    unescaped_.append(from, static_cast<std::size_t>(at_ - from));
  }
  ++at_;
  unescaped_.reserve(unescaped_.size() + kJsonPadding);
  return {unescaped_.data(), unescaped_.size()};
}

void JsonScanner::read_escape() {
  switch (*at_++) {
    case '"': return append('"');
    case '\\': return append('\\');
    case '/': return append('/');
    case 'b': return append('\b');
    case 'f': return append('\f');
    case 'n': return append('\n');
    case 'r': return append('\r');
    case 't': return append('\t');
    case 'u': return append_code_point();
    default: json_give_up();
  }
}

std::uint32_t JsonScanner::hex4() {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = *at_;
    const int digit = is_digit(c)             ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) json_give_up();
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

void JsonScanner::append_code_point() {
  std::uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xE000) {
    if (code >= 0xDC00 || at_[0] != '\\' || at_[1] != 'u') json_give_up();
    at_ += 2;
    const std::uint32_t low = hex4();
    if (low < 0xDC00 || low > 0xDFFF) json_give_up();
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  const auto push = [&](std::uint32_t byte) { append(static_cast<char>(byte)); };
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

void JsonScanner::skip_string() {
  for (;;) {
    at_ = find_json_special(at_);
    if (*at_ == '"') break;
    if (*at_ != '\\') json_give_up();
    ++at_;
    const char c = *at_++;
    if (c == 'u') {
      const std::uint32_t code = hex4();
      if (code >= 0xD800 && code < 0xE000) json_give_up();  // half of a character, maybe alone
    } else if (!std::strchr("\"\\/bfnrt", c) || c == '\0') {
      json_give_up();
    }
  }
  ++at_;
}

void JsonScanner::skip_value(int depth) {
  if (depth > kJsonDepthMax) json_give_up();
  switch (peek()) {
    case '"': ++at_; return skip_string();
    case 't': return need_word("true");
    case 'f': return need_word("false");
    case 'n': return need_word("null");
    case '{': return skip_container('}', depth);
    case '[': return skip_container(']', depth);
    default: number();
  }
}

void JsonScanner::skip_container(char closing, int depth) {
  ++at_;
  if (peek() == closing) {
    ++at_;
    return;
  }
  do {
    if (closing == '}') {
      need('"');
      skip_string();
      need(':');
    }
    skip_value(depth + 1);
  } while (has_more(closing));
}

}  // namespace flott
