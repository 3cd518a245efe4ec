// Python face of the writer of JSON.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "arrow_capsule.h"
#include "flott/json_writer.h"
#include "json_fields.h"

namespace nb = nanobind;

namespace {

using flott::Frame;
using flott::JsonWriter;

const flott::Column* kinds_of(const std::unique_ptr<Frame>& kinds) {
  if (!kinds) return nullptr;
  if (kinds->type(0).storage() != flott::Storage::kInt8) throw std::invalid_argument("row kinds are Int8");
  return &kinds->column(0);
}

// A column of texts, or None if a row is for slower code.
nb::object write_messages(const JsonWriter& writer, nb::handle frame, nb::handle kinds) {
  auto rows = flott::import_frame(frame);
  auto changes = kinds.is_none() ? nullptr : flott::import_frame(kinds);
  flott::ColumnBuilder texts(flott::ColumnType{"vz", "messages", {}});
  {
    nb::gil_scoped_release released;
    if (!writer.write_messages(*rows, kinds_of(changes), texts)) texts = flott::ColumnBuilder({"n", "", {}});
  }
  if (texts.type().format == "n") return nb::none();
  return flott::exported(std::move(texts));
}

nb::object write_lines(const JsonWriter& writer, nb::handle frame, nb::handle kinds) {
  auto rows = flott::import_frame(frame);
  auto changes = kinds.is_none() ? nullptr : flott::import_frame(kinds);
  flott::Buffer text;
  bool is_written;
  {
    nb::gil_scoped_release released;
    is_written = writer.write_lines(*rows, kinds_of(changes), text);
  }
  if (!is_written) return nb::none();
  return nb::bytes(text.data() ? text.data() : "", text.size());
}

}  // namespace

void bind_json_writing(nb::module_& module) {
  nb::class_<JsonWriter>(module, "JsonWriter")
      .def("__init__",
           [](JsonWriter* at, nb::handle fields, bool is_iso, bool plain_decimals, bool omits_nulls, nb::tuple envelope) {
             flott::JsonEnvelope around;
             for (int i = 0; i < 2; ++i) {
               around.before[i] = nb::cast<std::string>(envelope[2 * i]);
               around.after[i] = nb::cast<std::string>(envelope[2 * i + 1]);
             }
             new (at) JsonWriter(flott::json_fields_from(fields), {is_iso, plain_decimals, omits_nulls}, around);
           },
           nb::arg("fields"), nb::arg("is_iso"), nb::arg("plain_decimals"), nb::arg("omits_nulls"),
           nb::arg("envelope"))
      .def("write_messages", &write_messages, nb::arg("frame"), nb::arg("kinds").none())
      .def("write_lines", &write_lines, nb::arg("frame"), nb::arg("kinds").none());
}
