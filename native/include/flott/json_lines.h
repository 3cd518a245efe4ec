// Blocks of lines of JSON objects into columns, or not: a block is read as a whole (json_reader.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "flott/json_reader.h"

namespace flott {

class JsonLines {
 public:
  JsonLines(std::vector<JsonField> fields, JsonRules rules) : fields_(std::move(fields)), rules_(rules) {}

  // The rows of `text`, whole lines of UTF-8. False if one is not plain: `out` is worthless then.
  bool read_lines(std::string_view text, Batch& out, std::int64_t& rows) const;

 private:
  std::vector<JsonField> fields_;
  JsonRules rules_;
};

}  // namespace flott
