// Messages that hold a JSON object each, into columns; those that are not plain are only named.
#pragma once

#include <vector>

#include "flott/json_reader.h"
#include "flott/plain_rows.h"

namespace flott {

class JsonMessages {
 public:
  JsonMessages(std::vector<JsonField> fields, JsonRules rules) : fields_(std::move(fields)), rules_(rules) {}

  // Messages that are NULL, empty, blank or the literal null have no row.
  PlainRows read_messages(const Column& messages) const;

 private:
  std::vector<JsonField> fields_;
  JsonRules rules_;
};

}  // namespace flott
