// Rows of columns as records of CSV, as Jackson writes them for Flink.
//
// A text stands in quotes if it is long, or if one of its characters comes before the letters and
// digits, as delimiters, quotes and blanks do. Numbers never do. What is rare is left to slower code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/json_fields.h"

namespace flott {

struct CsvStyle {
  char delimiter;
  char quote;             // 0 if there is none
  std::string null_text;
  bool plain_decimals;    // decimals have no exponent
  std::string line_end;   // behind each record
};

// In quotes where it must be. False if it cannot be written without them and there are none.
bool write_csv_text(std::string_view text, const CsvStyle& style, Buffer& out);

class CsvWriter {
 public:
  CsvWriter(std::vector<JsonField> fields, CsvStyle style) : fields_(std::move(fields)), style_(std::move(style)) {}

  // Appends a text for each row of `frame` to `out`, Binary. False if a row is for slower code: `out`
  // is worthless then.
  bool write_messages(Frame& frame, ColumnBuilder& out) const;
  // The same one behind the other.
  bool write_lines(Frame& frame, Buffer& out) const;

 private:
  std::vector<JsonField> fields_;
  CsvStyle style_;
};

}  // namespace flott
