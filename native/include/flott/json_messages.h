// Messages that hold a JSON object each, into columns; those that are not plain are only named.
#pragma once

#include <cstdint>
#include <vector>

#include "flott/json_reader.h"

namespace flott {

class JsonMessages {
 public:
  JsonMessages(std::vector<JsonField> fields, JsonRules rules) : fields_(std::move(fields)), rules_(rules) {}

  struct Found {
    Batch batch;                // what could be read
    std::int64_t rows = 0;      // of `batch`, which may have no columns
    ColumnBuilder messages;     // for each of its rows, of which message it is
    ColumnBuilder left;         // messages that slower code is to read
  };
  // Messages that are NULL, empty, blank or the literal null have no row.
  Found read(const Column& messages) const;

 private:
  std::vector<JsonField> fields_;
  JsonRules rules_;
};

}  // namespace flott
