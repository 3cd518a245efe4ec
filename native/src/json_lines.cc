#include "flott/json_lines.h"

#include <cstring>

namespace flott {
namespace {

// The objects from `at` to `end`, behind which a control character and more stand.
std::int64_t read_lines(JsonReader& reader, const char* at, const char* end) {
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

bool JsonLines::read(std::string_view text, Batch& out, std::int64_t& rows) const {
  std::vector<ColumnBuilder> columns = json_columns(fields_);
  JsonReader reader(fields_, rules_, columns);
  // The last lines are read elsewhere, with something behind them; the others have them behind.
  std::size_t head = 0;
  if (text.size() > kJsonPadding) {
    const std::size_t line_end = text.rfind('\n', text.size() - kJsonPadding - 1);
    head = line_end == std::string_view::npos ? 0 : line_end + 1;
  }
  std::string tail(text.substr(head));
  const std::size_t size = tail.size();
  tail.append(kJsonPadding, '\0');
  try {
    rows = read_lines(reader, text.data(), text.data() + head);
    rows += read_lines(reader, tail.data(), tail.data() + size);
  } catch (const JsonGaveUp&) {
    return false;
  }
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  return true;
}

}  // namespace flott
