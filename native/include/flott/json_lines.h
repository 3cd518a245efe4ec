// Lines of JSON objects into columns, where they are what a table expects.
//
// The reader takes what is clean and plain: objects whose fields have the JSON type that belongs to
// their column, in any order, others passed over, missing ones NULL. Anything else, well-formed or
// not, makes it give up the whole block: then slower code reads it line by line by all the rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"

namespace flott {

enum class JsonKind : std::uint8_t {
  kBool, kWhole, kReal, kDecimal, kText, kDate, kTime, kTimestamp, kRow, kList, kMap
};

struct JsonField {
  std::string name;
  JsonKind kind;
  std::string format;        // of the column, in Arrow
  int precision = 0;         // of decimals
  int scale = 0;             // of decimals
  bool is_zoned = false;     // timestamps end in Z
  std::vector<JsonField> children;  // of a row; the element of a list; the value of a map

  ColumnType type() const;
};

class JsonLines {
 public:
  // With `is_iso`, a T stands between date and time and seconds may be left out.
  JsonLines(std::vector<JsonField> fields, bool is_iso, bool needs_all);

  // The rows of `text`, whole lines of UTF-8. False if it is not as plain as that: `out` is worthless then.
  bool read(std::string_view text, Batch& out, std::int64_t& rows) const;

 private:
  std::vector<JsonField> fields_;
  bool is_iso_;
  bool needs_all_;
};

}  // namespace flott
