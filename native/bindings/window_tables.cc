// Python faces of slice_table.h and session_table.h.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrow_capsule.h"
#include "flott/session_table.h"
#include "flott/slice_table.h"
#include "group_table.h"

namespace nb = nanobind;
using namespace flott;

namespace {

void bind_slices(nb::module_& module) {
  bind_state<SliceTable>(module, "SliceTable")
      .def("__init__", [](SliceTable* self, nb::handle input, nb::handle results, std::vector<int> keys,
                          const std::vector<AggregateTuple>& aggregates, const std::vector<BagTuple>& bags,
                          std::uint32_t max_parallelism, std::size_t group_from) {
        GroupTableSpec spec = make_group_spec(input, input, results, std::move(keys), aggregates, bags);
        spec.max_parallelism = max_parallelism;
        spec.group_columns.erase(spec.group_columns.begin(),
                                 spec.group_columns.begin() + static_cast<std::ptrdiff_t>(group_from));
        new (self) SliceTable(std::move(spec));
      })
      .def("slices", &SliceTable::slices)
      .def("accumulate", [](SliceTable& self, nb::handle object, nb::handle kinds) {
        auto frame = import_frame(object);
        std::unique_ptr<Frame> held;
        const Column* const weights = kinds_column(held, kinds);
        nb::gil_scoped_release released;
        self.accumulate(*frame, weights);
      }, nb::arg("frame"), nb::arg("kinds").none())
      .def("results", [](SliceTable& self, const std::vector<std::int64_t>& slices) {
        Batch out;
        {
          nb::gil_scoped_release released;
          out = self.results(slices);
        }
        return export_frame(std::move(out));
      }, nb::rv_policy::take_ownership)
      .def("merge", &SliceTable::merge, nb::call_guard<nb::gil_scoped_release>())
      .def("drop", &SliceTable::drop, nb::call_guard<nb::gil_scoped_release>());
}

void bind_sessions(nb::module_& module) {
  bind_state<SessionTable>(module, "SessionTable")
      .def("__init__", [](SessionTable* self, nb::handle input, nb::handle results, std::vector<int> keys,
                          const std::vector<AggregateTuple>& aggregates, const std::vector<BagTuple>& bags,
                          std::uint32_t max_parallelism, std::int64_t gap_ms) {
        GroupTableSpec spec = make_group_spec(input, input, results, std::move(keys), aggregates, bags);
        for (std::size_t i = 1; i < spec.key_types.size(); ++i) spec.key_types[i].name = "f" + std::to_string(i - 1);
        spec.max_parallelism = max_parallelism;
        new (self) SessionTable(std::move(spec), gap_ms);
      })
      .def("accumulate", [](SessionTable& self, nb::handle object, nb::handle kinds, std::int64_t watermark_ms) {
        auto frame = import_frame(object);
        std::unique_ptr<Frame> held;
        const Column* const weights = kinds_column(held, kinds);
        nb::gil_scoped_release released;
        return self.accumulate(*frame, weights, watermark_ms);
      }, nb::arg("frame"), nb::arg("kinds").none(), nb::arg("watermark_ms"))
      .def("close", [](SessionTable& self, std::int64_t until_ms) {
        Batch out;
        {
          nb::gil_scoped_release released;
          out = self.close(until_ms);
        }
        return export_frame(std::move(out));
      }, nb::rv_policy::take_ownership)
      .def("next_end", &SessionTable::next_end);
}

}  // namespace

void bind_window_tables(nb::module_& module) {
  bind_slices(module);
  bind_sessions(module);
}
