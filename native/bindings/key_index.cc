// Python face of key_index.h.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrow_capsule.h"
#include "flott/column_hash.h"
#include "flott/key_index.h"

namespace nb = nanobind;

namespace {

using flott::ArrowFrame;
using flott::KeyIndex;
using flott::Slot;

std::vector<const flott::Column*> all_columns(flott::Frame& frame, std::size_t expected) {
  if (frame.width() != expected) throw std::invalid_argument("there are not as many key columns as the index has");
  std::vector<const flott::Column*> columns;
  for (std::size_t i = 0; i < frame.width(); ++i) columns.push_back(&frame.column(i));
  return columns;
}

template <typename Find>
ArrowFrame* find(KeyIndex& index, nb::handle keys, Find find) {
  auto frame = flott::import_frame(keys);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    const auto columns = all_columns(*frame, index.types().size());
    flott::ColumnBuilder slots(flott::ColumnType{"I", "f0", {}});
    find(columns, flott::RowSet{nullptr, 0, frame->rows()}, slots.extend<Slot>(frame->rows()));
    batch.add(std::move(slots));
  }
  return flott::export_frame(std::move(batch));
}

std::vector<Slot> slots_in(KeyIndex& index, nb::handle series) {
  auto frame = flott::import_frame(series);
  const auto* values = frame->column(0).values<Slot>();
  std::vector<Slot> slots(values, values + frame->rows());
  for (Slot slot : slots) {
    if (slot >= index.slot_end() || !index.is_used(slot)) throw nb::index_error("a slot is not in use");
  }
  return slots;
}

ArrowFrame* keys_of(KeyIndex& index, nb::handle series) {
  const auto slots = slots_in(index, series);
  std::vector<flott::ColumnBuilder> columns;
  for (const auto& type : index.types()) columns.emplace_back(type);
  index.keys(slots, columns);
  flott::Batch batch;
  for (auto& column : columns) batch.add(std::move(column));
  return flott::export_frame(std::move(batch));
}

}  // namespace

void bind_key_index(nb::module_& module) {
  nb::class_<KeyIndex>(module, "KeyIndex")
      .def("__init__", [](KeyIndex* self, nb::handle schema) {
        new (self) KeyIndex(flott::import_frame(schema)->types());
      })
      .def("__len__", &KeyIndex::size)
      .def_prop_ro("slot_end", &KeyIndex::slot_end)
      .def_prop_ro("memory_bytes", &KeyIndex::memory_bytes)
      .def("upsert", [](KeyIndex& self, nb::handle keys) {
        return find(self, keys, [&](auto& columns, auto rows, Slot* out) { self.upsert(columns, rows, out); });
      }, nb::rv_policy::take_ownership)
      .def("lookup", [](KeyIndex& self, nb::handle keys, std::uint64_t never_null) {
        return find(self, keys, [&](auto& columns, auto rows, Slot* out) { self.lookup(columns, rows, out, never_null); });
      }, nb::arg("keys"), nb::arg("never_null") = 0, nb::rv_policy::take_ownership)
      .def("erase", [](KeyIndex& self, nb::handle series) {
        for (Slot slot : slots_in(self, series)) {
          if (self.is_used(slot)) self.erase(slot);
        }
      })
      .def("clear", &KeyIndex::clear)
      .def("keys", &keys_of, nb::rv_policy::take_ownership);
}
