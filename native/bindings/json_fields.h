// Fields of JSON objects as Python describes them.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "flott/json_fields.h"

namespace flott {

// A list of (name, kind, format, precision, scale, is_zoned, children).
std::vector<JsonField> json_fields_from(nanobind::handle list);

}  // namespace flott
