// Records of CSV into columns, where they are what a table expects.
//
// The reader takes what is plain: as many fields as there are columns, quotes around whole fields,
// values as JSON would have them (json_values.h). Anything else it gives up (json_scanner.h), be it
// broken or only unusual: blanks around numbers, escapes, line ends in quotes. Slower code reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/json_fields.h"
#include "flott/plain_rows.h"

namespace flott {

struct CsvNotation {
  char delimiter;
  char quote;        // 0 if there is none
  char escape;       // likewise; what has it is given up
  bool has_comments; // what begins with # is given up, too
};

struct CsvColumn {
  std::size_t position;  // among the fields of a record
  JsonField field;       // a kString is never NULL
};

class CsvReader {
 public:
  // `null` is the field that is NULL, if there is one.
  CsvReader(std::vector<CsvColumn> columns, std::size_t width, CsvNotation notation, std::optional<std::string> null);

  // Messages of a record each, with a line feed behind it or none. Those that are NULL have no row.
  PlainRows read_messages(const Column& messages) const;
  // The records of `text`, whole lines. False if one is given up: `out` is worthless then.
  bool read_lines(std::string_view text, Batch& out, std::int64_t& rows) const;

 private:
  class Scanner;
  std::vector<ColumnBuilder> make_columns() const;

  std::vector<CsvColumn> columns_;
  std::vector<int> wanted_;  // by position: which column, -1 for none
  CsvNotation notation_;
  std::optional<std::string> null_;
};

}  // namespace flott
