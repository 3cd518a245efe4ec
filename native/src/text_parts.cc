#include "flott/text_parts.h"

#include <cstring>

namespace flott {

namespace {

// Where the separator begins at or after `from`; npos if nowhere.
std::size_t find_next(std::string_view text, std::string_view separator, std::size_t from) {
  if (separator.size() != 1) return text.find(separator, from);
  if (from >= text.size()) return std::string_view::npos;
  const void* const found = std::memchr(text.data() + from, separator[0], text.size() - from);
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : std::string_view::npos;
}

}  // namespace

bool part_of(std::string_view text, std::string_view separator, std::int64_t index, std::string_view* part) {
  if (text.empty()) return false;
  std::size_t start = 0;
  for (std::int64_t skipped = 0; skipped < index; ++skipped) {
    const std::size_t end = find_next(text, separator, start);
    if (end == std::string_view::npos) return false;
    start = end + separator.size();
  }
  const std::size_t end = find_next(text, separator, start);
  *part = text.substr(start, end == std::string_view::npos ? end : end - start);
  return true;
}

ColumnBuilder split_parts(const Column& texts, std::string_view separator, std::int64_t index) {
  ColumnBuilder parts(ColumnType{"vu", "f0", {}});
  std::string_view part;
  for (std::int64_t row = 0; row < texts.length; ++row) {
    if (texts.is_valid(row) && part_of(texts.bytes(row), separator, index, &part)) {
      parts.push_bytes(part);
    } else {
      parts.push_null();
    }
  }
  return parts;
}

}  // namespace flott
