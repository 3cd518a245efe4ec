#include "flott/json_compact.h"

#include <algorithm>

#include "flott/json_texts.h"
#include "flott/json_values.h"

namespace flott {
namespace {

// Objects with more members are left to slower code.
constexpr std::size_t kMembersMax = 64;

void compact_object(JsonScanner& in, int depth, Buffer& out) {
  std::string_view keys[kMembersMax];
  std::size_t count = 0;
  in.need('{');
  write_json_raw("{", out);
  if (in.peek() == '}') {
    in.step();
  } else {
    do {
      in.need('"');
      const std::string_view key = in.plain_string();
      if (count == kMembersMax || std::find(keys, keys + count, key) != keys + count) json_give_up();
      if (count) write_json_raw(",", out);
      keys[count++] = key;
      write_json_text(key, out);
      write_json_raw(":", out);
      in.need(':');
      compact_json(in, depth + 1, out);
    } while (in.has_more('}'));
  }
  write_json_raw("}", out);
}

void compact_array(JsonScanner& in, int depth, Buffer& out) {
  bool is_first = true;
  in.need('[');
  write_json_raw("[", out);
  if (in.peek() == ']') {
    in.step();
  } else {
    do {
      if (!is_first) write_json_raw(",", out);
      is_first = false;
      compact_json(in, depth + 1, out);
    } while (in.has_more(']'));
  }
  write_json_raw("]", out);
}

}  // namespace

void compact_json(JsonScanner& in, int depth, Buffer& out) {
  if (depth > kJsonDepthMax) json_give_up();
  switch (in.peek()) {
    case '{': return compact_object(in, depth, out);
    case '[': return compact_array(in, depth, out);
    case '"': in.step(); return write_json_text(in.any_string(), out);
    case 't': in.need_word("true"); return write_json_raw("true", out);
    case 'f': in.need_word("false"); return write_json_raw("false", out);
    case 'n': in.need_word("null"); return write_json_raw("null", out);
    default: break;
  }
  const JsonNumber number = in.number();
  if (number.is_whole) return write_json_raw(number.text, out);
  if (!write_json_real(json_real(number.text), out)) json_give_up();
}

}  // namespace flott
