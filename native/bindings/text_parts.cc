// Python face of the kernels of strings. Each takes a frame of one string column.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "arrow_capsule.h"
#include "flott/text_parts.h"

namespace nb = nanobind;

namespace {

using flott::ArrowFrame;

// The one column that `make` makes of the one column of `texts`.
template <typename Make>
ArrowFrame* made_of(nb::handle texts, Make&& make) {
  auto frame = flott::import_frame(texts);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    batch.add(make(frame->column(0)));
  }
  return flott::export_frame(std::move(batch));
}

ArrowFrame* split_parts(nb::handle texts, const std::string& separator, std::int64_t index) {
  if (separator.empty() || index < 0) throw std::invalid_argument("a separator and an index from 0 are needed");
  return made_of(texts, [&](const flott::Column& column) { return flott::split_parts(column, separator, index); });
}

ArrowFrame* key_values(nb::handle texts, const std::string& key, const std::string& end) {
  if (key.empty() || end.size() != 1) throw std::invalid_argument("a key and one character for its end are needed");
  return made_of(texts, [&](const flott::Column& column) { return flott::key_values(column, key, end[0]); });
}

ArrowFrame* count_parts(nb::handle texts, const std::string& part) {
  if (part.empty()) throw std::invalid_argument("nothing cannot be counted");
  return made_of(texts, [&](const flott::Column& column) { return flott::count_parts(column, part); });
}

// None if a text is not ASCII.
nb::object lower_ascii(nb::handle texts) {
  auto frame = flott::import_frame(texts);
  flott::Batch batch;
  flott::ColumnBuilder lowered(flott::ColumnType{"vu", "f0", {}});
  {
    nb::gil_scoped_release released;
    if (flott::lower_ascii(frame->column(0), &lowered)) batch.add(std::move(lowered));
  }
  if (batch.width() == 0) return nb::none();
  return flott::exported(std::move(batch));
}

}  // namespace

void bind_text_parts(nb::module_& module) {
  module.def("split_parts", &split_parts, nb::arg("texts"), nb::arg("separator"), nb::arg("index"),
             nb::rv_policy::take_ownership);
  module.def("key_values", &key_values, nb::arg("texts"), nb::arg("key"), nb::arg("end"),
             nb::rv_policy::take_ownership);
  module.def("count_parts", &count_parts, nb::arg("texts"), nb::arg("part"), nb::rv_policy::take_ownership);
  module.def("lower_ascii", &lower_ascii, nb::arg("texts"));
}
