// What kernels that read messages have in common: broken ones are left out and named.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"

namespace flott {

struct MessageFault {
  std::int64_t row;
  std::string reason;
};

// What is wrong, and in which field: `path` grows from the inside out.
struct Malformed {
  std::string path;
  std::string reason;

  void enter(const std::string& field) { path = path.empty() ? field : field + "." + path; }
  std::string text() const { return path.empty() ? reason : "field '" + path + "': " + reason; }
};

[[noreturn]] inline void fail_message(std::string reason) { throw Malformed{"", std::move(reason)}; }

inline std::vector<ColumnBuilder> fresh_columns(const std::vector<ColumnType>& types) {
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : types) columns.emplace_back(type);
  return columns;
}

// Calls read_row(message, columns) for each message, which throws Malformed; the rows of the others
// are in `out`, and which messages they are of in `rows`. A NULL is no message.
template <typename ReadRow>
void read_rows(const Column& messages, const std::vector<ColumnType>& types, ReadRow&& read_row, Batch& out,
               std::vector<Slot>& rows, std::vector<MessageFault>& faults) {
  std::vector<ColumnBuilder> columns = fresh_columns(types);
  for (std::int64_t row = 0; row < messages.length; ++row) {
    if (!messages.is_valid(row)) continue;
    try {
      read_row(messages.bytes(row), columns);
      rows.push_back(static_cast<Slot>(row));
    } catch (const Malformed& malformed) {
      faults.push_back({row, malformed.text()});
      columns = fresh_columns(types);  // half a row is in them: all good ones are read once more
    }
  }
  if (!faults.empty()) {
    columns = fresh_columns(types);
    for (const Slot row : rows) read_row(messages.bytes(row), columns);
  }
  for (ColumnBuilder& column : columns) out.add(std::move(column));
}

}  // namespace flott
