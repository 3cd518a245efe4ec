// What columns JSON objects are read into and written from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flott/columns.h"

namespace flott {

// Texts take numbers and booleans as they are written; strings take nothing but strings. kPresent has
// no value in JSON: it says whether its row has the field whose index is its `precision`.
enum class JsonKind : std::uint8_t {
  kBool, kWhole, kReal, kDecimal, kText, kDate, kTime, kTimestamp, kRow, kList, kMap, kBytes, kString,
  kPresent
};

struct JsonField {
  std::string name;
  JsonKind kind;
  std::string format;        // of the column, in Arrow
  int precision = 0;         // of decimals
  int scale = 0;             // of decimals
  bool is_zoned = false;     // timestamps end in Z
  std::vector<JsonField> children{};  // of a row; the element of a list; the value of a map

  ColumnType type() const;
};

}  // namespace flott
