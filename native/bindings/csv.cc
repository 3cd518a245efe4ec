// Python face of the reader and the writer of CSV. A character that there is not is an empty text.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "flott/csv_reader.h"
#include "flott/csv_writer.h"
#include "json_fields.h"
#include "plain_kernels.h"

namespace nb = nanobind;

namespace {

using flott::CsvReader;
using flott::CsvWriter;
using flott::exported;

char character(const std::string& text) { return text.empty() ? '\0' : text[0]; }

// A column of texts, or None if a row is for slower code.
nb::object write_messages(const CsvWriter& writer, nb::handle frame) {
  auto rows = flott::import_frame(frame);
  flott::ColumnBuilder texts(flott::ColumnType{"vz", "messages", {}});
  bool is_written;
  {
    nb::gil_scoped_release released;
    is_written = writer.write_messages(*rows, texts);
  }
  if (!is_written) return nb::none();
  return exported(std::move(texts));
}

nb::object write_lines(const CsvWriter& writer, nb::handle frame) {
  auto rows = flott::import_frame(frame);
  flott::Buffer text;
  bool is_written;
  {
    nb::gil_scoped_release released;
    is_written = writer.write_lines(*rows, text);
  }
  if (!is_written) return nb::none();
  return nb::bytes(text.data() ? text.data() : "", text.size());
}

}  // namespace

void bind_csv(nb::module_& module) {
  nb::class_<CsvReader>(module, "CsvReader")
      .def("__init__",
           [](CsvReader* at, nb::handle fields, nb::list positions, std::size_t width, const std::string& delimiter,
              const std::string& quote, const std::string& escape, bool has_comments,
              std::optional<std::string> null) {
             std::vector<flott::CsvColumn> columns;
             for (flott::JsonField& field : flott::json_fields_from(fields)) {
               columns.push_back({nb::cast<std::size_t>(positions[columns.size()]), std::move(field)});
             }
             new (at) CsvReader(std::move(columns), width,
                                {character(delimiter), character(quote), character(escape), has_comments},
                                std::move(null));
           },
           nb::arg("fields"), nb::arg("positions"), nb::arg("width"), nb::arg("delimiter"), nb::arg("quote"),
           nb::arg("escape"), nb::arg("has_comments"), nb::arg("null").none())
      .def("read_messages", &flott::read_plain_messages<CsvReader>, nb::arg("messages"))
      .def("read_lines", &flott::read_plain_lines<CsvReader>, nb::arg("text"));
  nb::class_<CsvWriter>(module, "CsvWriter")
      .def("__init__",
           [](CsvWriter* at, nb::handle fields, const std::string& delimiter, const std::string& quote,
              std::string null_text, bool plain_decimals, std::string line_end) {
             new (at) CsvWriter(flott::json_fields_from(fields), {character(delimiter), character(quote),
                                                                  std::move(null_text), plain_decimals,
                                                                  std::move(line_end)});
           },
           nb::arg("fields"), nb::arg("delimiter"), nb::arg("quote"), nb::arg("null_text"), nb::arg("plain_decimals"),
           nb::arg("line_end"))
      .def("write_messages", &write_messages, nb::arg("frame"))
      .def("write_lines", &write_lines, nb::arg("frame"));
}
