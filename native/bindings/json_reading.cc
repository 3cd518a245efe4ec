// Python face of the readers of JSON.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "flott/json_lines.h"
#include "flott/json_messages.h"
#include "json_fields.h"
#include "plain_kernels.h"

namespace nb = nanobind;

using flott::JsonLines;
using flott::JsonMessages;

void bind_json_reading(nb::module_& module) {
  nb::class_<JsonLines>(module, "JsonLines")
      .def("__init__",
           [](JsonLines* at, nb::handle fields, bool is_iso, bool needs_all) {
             new (at) JsonLines(flott::json_fields_from(fields), {is_iso, needs_all});
           },
           nb::arg("fields"), nb::arg("is_iso"), nb::arg("needs_all"))
      .def("read", &flott::read_plain_lines<JsonLines>, nb::arg("text"));
  nb::class_<JsonMessages>(module, "JsonMessages")
      .def("__init__",
           [](JsonMessages* at, nb::handle fields, bool is_iso, bool needs_all) {
             new (at) JsonMessages(flott::json_fields_from(fields), {is_iso, needs_all});
           },
           nb::arg("fields"), nb::arg("is_iso"), nb::arg("needs_all"))
      .def("read", &flott::read_plain_messages<JsonMessages>, nb::arg("messages"));
}
