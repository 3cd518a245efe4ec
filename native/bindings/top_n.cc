// Python face of top_n.h.
#include "flott/top_n.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "arrow_capsule.h"
#include "flott/row_store.h"

namespace nb = nanobind;

namespace {

using flott::Batch;
using flott::exported;
using flott::RowId;
using flott::RowStore;
using flott::Slot;
using flott::TopN;

std::span<const std::uint32_t> numbers(flott::Frame& frame, const flott::Frame& rows) {
  const flott::Column& column = frame.column(0);
  if (column.storage != flott::Storage::kInt32) throw nb::type_error("slots and row ids are UInt32");
  if (frame.rows() != rows.rows()) throw nb::value_error("the columns have different lengths");
  return {column.values<std::uint32_t>(), static_cast<std::size_t>(frame.rows())};
}

void make(TopN* self, const std::vector<std::tuple<std::uint32_t, bool, bool>>& order, std::int64_t first,
          std::int64_t last, bool has_rank, bool retracts, bool emits_update_before,
          const std::vector<std::uint32_t>& identity) {
  flott::TopNSpec spec;
  for (const auto& [position, is_ascending, nulls_first] : order) spec.order.push_back({position, is_ascending, nulls_first});
  spec.first = first;
  spec.last = last;
  spec.has_rank = has_rank;
  spec.retracts = retracts;
  spec.emits_update_before = emits_update_before;
  spec.identity = identity;
  new (self) TopN(std::move(spec));
}

nb::object process(TopN& self, RowStore& store, nb::handle slots, nb::handle rows, nb::handle kinds, std::int64_t now_ms) {
  const auto slot_frame = flott::import_frame(slots);
  const auto frame = flott::import_frame(rows);
  std::unique_ptr<flott::Frame> kind_frame;
  if (!kinds.is_none()) kind_frame = flott::import_frame(kinds);
  Batch batch;
  std::vector<RowId> gone;
  {
    nb::gil_scoped_release released;
    const std::int8_t* given = nullptr;
    if (kind_frame) given = kind_frame->column(0).values<std::int8_t>();
    batch = self.process(store, numbers(*slot_frame, *frame), *frame, given, now_ms, gone);
  }
  Batch ids;
  ids.add(flott::slot_column(gone.data(), static_cast<std::int64_t>(gone.size())));
  return nb::make_tuple(exported(std::move(batch)), exported(std::move(ids)));
}

void rebuild(TopN& self, nb::handle slots, nb::handle rows, nb::handle ids) {
  const auto slot_frame = flott::import_frame(slots);
  const auto frame = flott::import_frame(rows);
  const auto id_frame = flott::import_frame(ids);
  self.rebuild(numbers(*slot_frame, *frame), *frame, numbers(*id_frame, *frame));
}

}  // namespace

void bind_top_n(nb::module_& module) {
  nb::class_<TopN>(module, "TopN")
      .def("__init__", &make)
      .def("process", &process, nb::arg("store"), nb::arg("slots"), nb::arg("rows"), nb::arg("kinds").none(), nb::arg("now_ms"))
      .def("rebuild", &rebuild)
      .def_prop_ro("memory_bytes", &TopN::memory_bytes);
}
