#include "json_fields.h"

#include <nanobind/stl/string.h>

#include <stdexcept>

namespace nb = nanobind;

namespace flott {

std::vector<JsonField> json_fields_from(nb::handle list) {
  std::vector<JsonField> fields;
  for (nb::handle item : list) {
    const auto parts = nb::cast<nb::tuple>(item);
    const int kind = nb::cast<int>(parts[1]);
    if (kind < 0 || kind > static_cast<int>(JsonKind::kPresent)) throw std::invalid_argument("no kind of JSON value");
    fields.push_back(JsonField{nb::cast<std::string>(parts[0]), static_cast<JsonKind>(kind),
                               nb::cast<std::string>(parts[2]), nb::cast<int>(parts[3]),
                               nb::cast<int>(parts[4]), nb::cast<bool>(parts[5]), json_fields_from(parts[6])});
  }
  return fields;
}

}  // namespace flott
