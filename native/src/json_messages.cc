#include "flott/json_messages.h"

#include "flott/utf8.h"

namespace flott {
namespace {

// Whether the message in `text` has a row, which is read then.
bool read_message(JsonReader& reader, const char* text, const char* end) {
  JsonScanner& in = reader.scanner();
  in.open(text, true);
  const char first = in.peek();
  if (first == '{') {
    reader.read_object();
  } else if (first == 'n') {
    in.need_word("null");
  }
  in.peek();
  if (in.at() != end) json_give_up();
  return first == '{';
}

}  // namespace

JsonMessages::Found JsonMessages::read(const Column& messages) const {
  Found found{{}, 0, ColumnBuilder(ColumnType{"I", "messages", {}}), ColumnBuilder(ColumnType{"I", "left", {}})};
  std::vector<ColumnBuilder> columns = json_columns(fields_);
  JsonReader reader(fields_, rules_, columns);
  Buffer text;
  for (std::int64_t i = 0; i < messages.length; ++i) {
    if (!messages.is_valid(i)) continue;
    const std::string_view message = messages.bytes(i);
    text.shrink(0);
    char* const at = text.extend(message.size() + kJsonPadding);
    char* const end = at + message.size();
    std::memset(end, 0, kJsonPadding);
    try {
      if (!copy_is_ascii(at, message) && !is_utf8(message)) json_give_up();
      if (!read_message(reader, at, end)) continue;
      found.messages.push(static_cast<std::uint32_t>(i));
      ++found.rows;
    } catch (const JsonGaveUp&) {
      for (ColumnBuilder& column : columns) column.truncate(found.rows);
      found.left.push(static_cast<std::uint32_t>(i));
    }
  }
  for (ColumnBuilder& column : columns) found.batch.add(std::move(column));
  return found;
}

}  // namespace flott
