// Python face of the kernels of strings.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "arrow_capsule.h"
#include "flott/text_parts.h"

namespace nb = nanobind;

namespace {

flott::ArrowFrame* split_parts(nb::handle texts, const std::string& separator, std::int64_t index) {
  if (separator.empty() || index < 0) throw std::invalid_argument("a separator and an index from 0 are needed");
  auto frame = flott::import_frame(texts);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    batch.add(flott::split_parts(frame->column(0), separator, index));
  }
  return flott::export_frame(std::move(batch));
}

}  // namespace

void bind_text_parts(nb::module_& module) {
  module.def("split_parts", &split_parts, nb::arg("texts"), nb::arg("separator"), nb::arg("index"),
             nb::rv_policy::take_ownership);
}
