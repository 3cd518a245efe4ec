// Python face of the readers of JSON.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "arrow_capsule.h"
#include "flott/json_lines.h"
#include "flott/json_messages.h"
#include "json_fields.h"

namespace nb = nanobind;

namespace {

using flott::JsonLines;
using flott::JsonMessages;

nb::object exported(flott::Batch&& batch) {
  return nb::cast(flott::export_frame(std::move(batch)), nb::rv_policy::take_ownership);
}

nb::object exported(flott::ColumnBuilder&& column) {
  flott::Batch batch;
  batch.add(std::move(column));
  return exported(std::move(batch));
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
  return nb::make_tuple(rows, exported(std::move(batch)));
}

// The number of rows, their columns, their messages, the messages left.
nb::object read_messages(const JsonMessages& reader, nb::handle messages) {
  auto frame = flott::import_frame(messages);
  auto found = [&] {
    nb::gil_scoped_release released;
    return reader.read(frame->column(0));
  }();
  return nb::make_tuple(found.rows, exported(std::move(found.batch)), exported(std::move(found.messages)),
                        exported(std::move(found.left)));
}

}  // namespace

void bind_json_reading(nb::module_& module) {
  nb::class_<JsonLines>(module, "JsonLines")
      .def("__init__",
           [](JsonLines* at, nb::handle fields, bool is_iso, bool needs_all) {
             new (at) JsonLines(flott::json_fields_from(fields), {is_iso, needs_all});
           },
           nb::arg("fields"), nb::arg("is_iso"), nb::arg("needs_all"))
      .def("read", &read_lines, nb::arg("text"));
  nb::class_<JsonMessages>(module, "JsonMessages")
      .def("__init__",
           [](JsonMessages* at, nb::handle fields, bool is_iso, bool needs_all) {
             new (at) JsonMessages(flott::json_fields_from(fields), {is_iso, needs_all});
           },
           nb::arg("fields"), nb::arg("is_iso"), nb::arg("needs_all"))
      .def("read", &read_messages, nb::arg("messages"));
}
