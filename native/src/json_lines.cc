#include "flott/json_lines.h"

#include <cstring>

#include "flott/plain_rows.h"

namespace flott {
namespace {

// The objects from `at` to `end`, behind which a control character and more stand.
std::int64_t read_objects(JsonReader& reader, const char* at, const char* end) {
  JsonScanner& in = reader.scanner();
  in.open(at, false);
  std::int64_t rows = 0;
  for (;;) {
    const auto is_between = [&] { return in.at() < end && std::strchr(" \t\r\n", *in.at()) && *in.at(); };
    while (is_between()) in.step();
    if (in.at() == end) return rows;
    reader.read_object();
    if (in.peek() != '\n' && in.peek() != '\r' && in.at() != end) json_give_up();
    ++rows;
  }
}

}  // namespace

bool JsonLines::read_lines(std::string_view text, Batch& out, std::int64_t& rows) const {
  std::vector<ColumnBuilder> columns = json_columns(fields_);
  JsonReader reader(fields_, rules_, columns);
  const auto read = [&](const char* at, const char* end) { return read_objects(reader, at, end); };
  if (!read_plain_block(text, rows, read)) return false;
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  return true;
}

}  // namespace flott
