// What kernels have in common that read what is plain: what they give up (json_scanner.h), slower code reads.
//
// They read from memory behind which more may be read, and a control character stands.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/json_scanner.h"
#include "flott/utf8.h"

namespace flott {

struct PlainRows {
  Batch batch;                                              // what could be read
  std::int64_t rows = 0;                                    // of `batch`, which may have no columns
  ColumnBuilder messages{ColumnType{"I", "messages", {}}};  // for each of its rows, of which message it is
  ColumnBuilder left{ColumnType{"I", "left", {}}};          // messages that slower code is to read
};

// Calls read_row(at, end) for a copy of each message, which says whether it has a row, and appends it to
// `columns` then. Messages that are NULL have none.
template <typename ReadRow>
PlainRows read_plain_rows(const Column& messages, std::vector<ColumnBuilder>& columns, ReadRow read_row) {
  PlainRows found;
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
      if (!read_row(at, end)) continue;
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

// Calls read_rows(at, end), which returns their number, for the lines of a block; false if it gives up.
template <typename ReadRows>
bool read_plain_block(std::string_view text, std::int64_t& rows, ReadRows read_rows) {
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
    rows = read_rows(text.data(), text.data() + head);
    rows += read_rows(tail.data(), tail.data() + size);
  } catch (const JsonGaveUp&) {
    return false;
  }
  return true;
}

}  // namespace flott
