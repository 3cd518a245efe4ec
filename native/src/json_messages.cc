#include "flott/json_messages.h"

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

PlainRows JsonMessages::read_messages(const Column& messages) const {
  std::vector<ColumnBuilder> columns = json_columns(fields_);
  JsonReader reader(fields_, rules_, columns);
  return read_plain_rows(messages, columns,
                         [&](const char* at, const char* end) { return read_message(reader, at, end); });
}

}  // namespace flott
