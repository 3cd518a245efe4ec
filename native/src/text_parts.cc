#include "flott/text_parts.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace flott {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Where `part` begins at or after `from`; kNone if nowhere.
std::size_t find_next(std::string_view text, std::string_view part, std::size_t from) {
  if (part.size() != 1) return text.find(part, from);
  if (from >= text.size()) return kNone;
  const void* const found = std::memchr(text.data() + from, part[0], text.size() - from);
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : kNone;
}

std::int32_t count_in(std::string_view text, std::string_view part) {
  if (part.size() == 1) return static_cast<std::int32_t>(std::count(text.begin(), text.end(), part[0]));
  std::int32_t count = 0;
  for (std::size_t at = text.find(part); at != kNone; at = text.find(part, at + part.size())) ++count;
  return count;
}

// A column of strings with a row for each of `texts`: what `find` finds there, NULL where nothing.
template <typename Find>
ColumnBuilder found_in(const Column& texts, Find&& find) {
  ColumnBuilder found(ColumnType{"vu", "f0", {}});
  std::string_view part;
  for (std::int64_t row = 0; row < texts.length; ++row) {
    if (texts.is_valid(row) && find(texts.bytes(row), &part)) {
      found.push_bytes(part);
    } else {
      found.push_null();
    }
  }
  return found;
}

}  // namespace

bool part_of(std::string_view text, std::string_view separator, std::int64_t index, std::string_view* part) {
  if (text.empty()) return false;
  std::size_t start = 0;
  for (std::int64_t skipped = 0; skipped < index; ++skipped) {
    const std::size_t end = find_next(text, separator, start);
    if (end == kNone) return false;
    start = end + separator.size();
  }
  const std::size_t end = find_next(text, separator, start);
  *part = text.substr(start, end == kNone ? end : end - start);
  return true;
}

ColumnBuilder split_parts(const Column& texts, std::string_view separator, std::int64_t index) {
  return found_in(texts, [&](std::string_view text, std::string_view* part) {
    return part_of(text, separator, index, part);
  });
}

bool value_of(std::string_view text, std::string_view key, char end, std::string_view* value) {
  std::size_t at = text.find(key);
  while (at != kNone && at > 0 && text[at - 1] != end) at = text.find(key, at + 1);
  if (at == kNone) return false;
  const std::size_t start = at + key.size();
  const std::size_t stop = text.find(end, start);
  *value = text.substr(start, stop == kNone ? stop : stop - start);
  return true;
}

ColumnBuilder key_values(const Column& texts, std::string_view key, char end) {
  return found_in(texts, [&](std::string_view text, std::string_view* value) {
    return value_of(text, key, end, value);
  });
}

ColumnBuilder count_parts(const Column& texts, std::string_view part) {
  ColumnBuilder counts(ColumnType{"i", "f0", {}});
  auto* const values = counts.extend<std::int32_t>(texts.length);
  for (std::int64_t row = 0; row < texts.length; ++row) {
    values[row] = texts.is_valid(row) ? count_in(texts.bytes(row), part) : 0;
  }
  for (std::int64_t row = 0; texts.has_nulls() && row < texts.length; ++row) {
    if (!texts.is_valid(row)) counts.set_null(row);
  }
  return counts;
}

bool lower_ascii(const Column& texts, ColumnBuilder* lowered) {
  std::string small;
  for (std::int64_t row = 0; row < texts.length; ++row) {
    if (!texts.is_valid(row)) {
      lowered->push_null();
      continue;
    }
    const std::string_view text = texts.bytes(row);
    small.resize(text.size());
    unsigned char seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      seen |= byte;
      small[i] = static_cast<char>(byte | (static_cast<unsigned>(byte - 'A') < 26u ? 0x20 : 0));
    }
    if (seen & 0x80) return false;
    lowered->push_bytes(small);
  }
  return true;
}

}  // namespace flott
