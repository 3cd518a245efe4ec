// Python face of the reader of JSON lines.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "arrow_capsule.h"
#include "flott/json_lines.h"

namespace nb = nanobind;

namespace {

using flott::JsonField;
using flott::JsonKind;
using flott::JsonLines;

// (name, kind, format, precision, scale, is_zoned, children)
std::vector<JsonField> fields_from(nb::handle list) {
  std::vector<JsonField> fields;
  for (nb::handle item : list) {
    const auto parts = nb::cast<nb::tuple>(item);
    const int kind = nb::cast<int>(parts[1]);
    if (kind < 0 || kind > static_cast<int>(JsonKind::kMap)) throw std::invalid_argument("no kind of JSON value");
    fields.push_back(JsonField{nb::cast<std::string>(parts[0]), static_cast<JsonKind>(kind),
                               nb::cast<std::string>(parts[2]), nb::cast<int>(parts[3]),
                               nb::cast<int>(parts[4]), nb::cast<bool>(parts[5]), fields_from(parts[6])});
  }
  return fields;
}

// The number of rows and their columns; None if the block is for slower code.
nb::object read_lines(const JsonLines& lines, nb::bytes text) {
  flott::Batch batch;
  std::int64_t rows = 0;
  bool is_read;
  {
    const std::string_view view(text.c_str(), text.size());
    nb::gil_scoped_release released;
    is_read = lines.read(view, batch, rows);
  }
  if (!is_read) return nb::none();
  return nb::make_tuple(rows, nb::cast(flott::export_frame(std::move(batch)), nb::rv_policy::take_ownership));
}

}  // namespace

void bind_json_lines(nb::module_& module) {
  nb::class_<JsonLines>(module, "JsonLines")
      .def("__init__",
           [](JsonLines* at, nb::handle fields, bool is_iso, bool needs_all) {
             new (at) JsonLines(fields_from(fields), is_iso, needs_all);
           },
           nb::arg("fields"), nb::arg("is_iso"), nb::arg("needs_all"))
      .def("read", &read_lines, nb::arg("text"));
}
