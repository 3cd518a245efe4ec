// Python face of the watermarks of splits.
#include <nanobind/nanobind.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "arrow_capsule.h"
#include "flott/split_marks.h"

namespace nb = nanobind;

namespace {

// Of a frame of times, and of marks if it has two columns: what each split reaches, rows and values
// of the cuts, and the first row without a time or -1.
nb::tuple mark_splits(nb::handle object, std::int64_t delay_us, const std::vector<std::int64_t>& rows,
                      const std::vector<std::int64_t>& reached, std::int64_t others, std::int64_t sent,
                      std::int64_t rise, std::int64_t gap, std::int64_t since) {
  auto frame = flott::import_frame(object);
  const flott::Column& times = frame->column(0);
  const flott::Column* marks = frame->width() > 1 ? &frame->column(1) : nullptr;
  std::vector<flott::SplitRows> splits;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    splits.push_back({rows[i], reached.at(i)});
    total += rows[i];
  }
  if (total != frame->rows()) throw std::invalid_argument("the splits do not make up the batch");
  flott::MarkedBatch marked;
  {
    nb::gil_scoped_release released;
    marked = flott::mark_splits(times, marks, delay_us, splits, others, {sent, rise, gap, since});
  }
  std::vector<std::int64_t> cut_rows;
  std::vector<std::int64_t> cut_marks;
  for (const flott::Cut& cut : marked.cuts) {
    cut_rows.push_back(cut.row);
    cut_marks.push_back(cut.watermark);
  }
  return nb::make_tuple(marked.reached, cut_rows, cut_marks, marked.null_time);
}

}  // namespace

void bind_split_marks(nb::module_& module) {
  module.def("mark_splits", &mark_splits, nb::arg("frame"), nb::arg("delay_us"), nb::arg("rows"),
             nb::arg("reached"), nb::arg("others"), nb::arg("sent"), nb::arg("rise"), nb::arg("gap"),
             nb::arg("since"));
}
