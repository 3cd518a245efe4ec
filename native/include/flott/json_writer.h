// Rows of columns as JSON objects, one text a row.
//
// Texts are those of the slower writer in Python, byte by byte: numbers as Java writes them, dates
// and times in ISO form, bytes as base64. What is rare is left to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/json_fields.h"

namespace flott {

struct JsonStyle {
  bool is_iso;          // a T stands between date and time
  bool plain_decimals;  // decimals have all digits of their type and no exponent
  bool omits_nulls;     // fields that are NULL are left out
};

// What stands around the object of a row that is added, or taken away.
struct JsonEnvelope {
  std::string before[2], after[2];
};

class JsonWriter {
 public:
  JsonWriter(const std::vector<JsonField>& fields, JsonStyle style, JsonEnvelope envelope);

  // Appends a text for each row of `frame` to `out`, Binary. `kinds` are row kinds as Int8, or none.
  // False if a row is for slower code: `out` is worthless then.
  bool write_messages(Frame& frame, const Column* kinds, ColumnBuilder& out) const;
  // The same with a line feed behind each.
  bool write_lines(Frame& frame, const Column* kinds, Buffer& out) const;

  struct Field {
    JsonKind kind;
    std::string key;  // a comma, the name, a colon
    int scale = 0;
    bool is_zoned = false;
    std::vector<Field> children;
  };

 private:
  std::vector<Field> fields_;
  JsonStyle style_;
  JsonEnvelope envelope_;
};

}  // namespace flott
