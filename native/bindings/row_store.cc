// Python face of row_store.h.
#include "flott/row_store.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "flott/join_step.h"  // gather_changes
#include "flott/key_index.h"
#include "row_arguments.h"

namespace nb = nanobind;

namespace {

using flott::Batch;
using flott::ColumnBuilder;
using flott::ColumnType;
using flott::erase_emptied;
using flott::exported;
using flott::Frame;
using flott::KeyIndex;
using flott::kNoSlot;
using flott::numbers_in;
using flott::RowId;
using flott::RowStore;
using flott::Slot;
using flott::slots_of;

template <typename T>
ColumnBuilder number_column(const char* format, const std::vector<T>& values, const char* name) {
  ColumnBuilder column(ColumnType{format, name, {}});
  T* const to = column.extend<T>(static_cast<std::int64_t>(values.size()));
  if (!values.empty()) std::memcpy(to, values.data(), values.size() * sizeof(T));
  return column;
}

nb::object give_ids(const std::vector<RowId>& ids) {
  Batch batch;
  batch.add(flott::slot_column(ids.data(), static_cast<std::int64_t>(ids.size())));
  return exported(std::move(batch));
}

// Row ids; NULL is kNoRow.
std::vector<RowId> ids_in(nb::handle series, const RowStore& store) {
  const auto frame = flott::import_frame(series);
  const flott::Column& column = frame->column(0);
  if (column.storage != flott::Storage::kInt32) throw nb::type_error("row ids are UInt32");
  std::vector<RowId> ids(static_cast<std::size_t>(frame->rows()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = column.is_valid(static_cast<std::int64_t>(i)) ? column.values<RowId>()[i] : flott::kNoRow;
    if (ids[i] != flott::kNoRow && !store.is_live(ids[i])) throw nb::index_error("there is no such row");
  }
  return ids;
}

// Slots whose last row went, if no row has come to them since.
std::vector<Slot> unused_slots(RowStore& store, const RowStore* other) {
  std::vector<Slot> slots = store.take_emptied();
  std::erase_if(slots, [&](Slot slot) {
    return store.head(slot) != flott::kNoRow || (other && other->head(slot) != flott::kNoRow);
  });
  return slots;
}

void check_lengths(const Frame& frame, std::size_t length) {
  if (frame.rows() != static_cast<std::int64_t>(length)) throw nb::value_error("the columns have different lengths");
}

// --- row store

void make_store(RowStore* self, nb::handle schema, const std::optional<std::vector<std::uint32_t>>& identity,
                bool is_unique, bool is_tracked, int sorted_by, int time_shift, std::int64_t ttl_ms, int newest_by,
                bool is_lean) {
  RowStore::Options options;
  options.has_identity = identity.has_value();
  if (identity) options.identity = *identity;
  options.is_unique = is_unique;
  options.is_tracked = is_tracked;
  options.sorted_by = sorted_by;
  options.time_shift = time_shift;
  options.ttl_ms = ttl_ms;
  options.newest_by = newest_by;
  options.is_lean = is_lean;
  new (self) RowStore(flott::import_frame(schema)->types(), std::move(options));
}

// Row ids, NULL for rows that are not kept.
nb::object give_kept(const std::vector<RowId>& ids) {
  ColumnBuilder column = flott::slot_column(ids.data(), static_cast<std::int64_t>(ids.size()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == flott::kNoRow) column.set_null(static_cast<std::int64_t>(i));
  }
  Batch batch;
  batch.add(std::move(column));
  return exported(std::move(batch));
}

nb::object append(RowStore& self, KeyIndex* index, nb::handle rows, const std::vector<std::size_t>& keys,
                  std::uint64_t never_null, std::int64_t now_ms) {
  const auto frame = flott::import_frame(rows);
  std::vector<RowId> ids(static_cast<std::size_t>(frame->rows()));
  {
    nb::gil_scoped_release released;
    self.append(*frame, slots_of(index, *frame, keys, never_null, true), now_ms, ids.data());
  }
  return give_kept(ids);
}

Batch gather_rows(const RowStore& store, std::span<const RowId> ids, std::size_t first_name) {
  const flott::RowTable& table = store.table();
  std::vector<ColumnBuilder> columns;
  for (std::size_t i = 0; i < table.types().size(); ++i) {
    ColumnType type = table.types()[i];
    type.name = flott::numbered_name(first_name + i);
    columns.emplace_back(std::move(type));
  }
  constexpr std::size_t kBlock = 64;
  for (std::size_t first = 0; first < ids.size(); first += kBlock) {
    const auto block = ids.subspan(first, std::min(kBlock, ids.size() - first));
    table.prefetch(block);
    for (std::size_t c = 0; c < columns.size(); ++c) table.gather(c, block, columns[c]);
  }
  Batch batch;
  for (ColumnBuilder& column : columns) batch.add(std::move(column));
  return batch;
}

nb::object gather(RowStore& self, nb::handle series, std::size_t first_name) {
  const std::vector<RowId> ids = ids_in(series, self);
  Batch batch;
  {
    nb::gil_scoped_release released;
    batch = gather_rows(self, ids, first_name);
  }
  return exported(std::move(batch));
}

nb::object latest(RowStore& self, KeyIndex* index, nb::handle rows, const std::vector<std::size_t>& keys,
                  std::uint64_t never_null, std::size_t time_column) {
  const auto frame = flott::import_frame(rows);
  ColumnBuilder found(ColumnType{"I", "f0", {}});
  {
    nb::gil_scoped_release released;
    const std::vector<Slot> slots = slots_of(index, *frame, keys, never_null, false);
    const auto* const times = frame->column(time_column).values<std::int64_t>();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const RowId id = slots[i] == kNoSlot ? flott::kNoRow : self.latest(slots[i], times[i]);
      if (id == flott::kNoRow) found.push_null(); else found.push<RowId>(id);
    }
  }
  Batch batch;
  batch.add(std::move(found));
  return exported(std::move(batch));
}

nb::object append_at(RowStore& self, nb::handle slot_series, nb::handle rows, std::int64_t now_ms) {
  const auto slots = numbers_in<Slot>(slot_series);
  const auto frame = flott::import_frame(rows);
  check_lengths(*frame, slots.size());
  std::vector<RowId> ids(slots.size());
  {
    nb::gil_scoped_release released;
    self.append(*frame, slots, now_ms, ids.data());
  }
  return give_ids(ids);
}

// The rows of each slot in the order of their chains: position in `slot_series` and row id.
nb::object rows_of(const RowStore& self, nb::handle slot_series) {
  std::vector<std::uint32_t> positions;
  std::vector<RowId> ids;
  const auto slots = numbers_in<Slot>(slot_series);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    for (RowId id = self.head(slots[i]); id != flott::kNoRow; id = self.next(id)) {
      for (std::uint32_t copy = 0; copy < self.copies(id); ++copy) {
        positions.push_back(static_cast<std::uint32_t>(i));
        ids.push_back(id);
      }
    }
  }
  Batch batch;
  batch.add(number_column("I", positions, "position"));
  batch.add(number_column("I", ids, "id"));
  return exported(std::move(batch));
}

// The net changes of a batch: its columns, then `kind` unless all are inserts; None if nothing changed.
nb::object apply(RowStore& self, KeyIndex* index, nb::handle slot_series, nb::handle rows, nb::handle kinds,
                 std::int64_t now_ms) {
  const auto slots = numbers_in<Slot>(slot_series);
  const auto frame = flott::import_frame(rows);
  check_lengths(*frame, slots.size());
  std::vector<std::int8_t> all_kinds;
  if (!kinds.is_none()) all_kinds = numbers_in<std::int8_t>(kinds);
  if (!kinds.is_none()) check_lengths(*frame, all_kinds.size());
  std::vector<flott::Change> changes;
  Batch batch;
  {
    nb::gil_scoped_release released;
    self.apply(*frame, slots, all_kinds.empty() ? nullptr : all_kinds.data(), now_ms, changes);
    std::vector<std::uint32_t> sources;
    std::vector<std::int8_t> out_kinds;
    for (const flott::Change& change : changes) {
      if (change.stored == flott::kNoRow) continue;  // taken back without having been here
      for (std::int32_t i = 0; i < std::abs(change.weight); ++i) {
        sources.push_back(change.source);
        out_kinds.push_back(change.kind);
      }
    }
    for (std::size_t c = 0; c < frame->width(); ++c) {
      ColumnBuilder column(self.table().types()[c]);
      flott::gather_changes(self, *frame, c, sources, column);
      batch.add(std::move(column));
    }
    const bool has_kinds = std::any_of(out_kinds.begin(), out_kinds.end(), [](auto kind) { return kind != 0; });
    if (has_kinds) batch.add(number_column("c", out_kinds, "kind"));
    self.release_dead();
    erase_emptied(index, unused_slots(self, nullptr));
  }
  if (!batch.rows()) return nb::none();
  return exported(std::move(batch));
}

void expire(RowStore& self, KeyIndex* index, const RowStore* other, std::int64_t now_ms) {
  self.expire(now_ms);
  erase_emptied(index, unused_slots(self, other));
}

nb::object slots(KeyIndex& index, nb::handle rows, const std::vector<std::size_t>& keys, std::uint64_t never_null,
                 bool insert) {
  const auto frame = flott::import_frame(rows);
  Batch batch;
  const std::vector<Slot> found = slots_of(&index, *frame, keys, never_null, insert);
  batch.add(flott::slot_column(found.data(), static_cast<std::int64_t>(found.size())));
  return exported(std::move(batch));
}

nb::object take_until(RowStore& self, std::int64_t limit, bool by_arrival) {
  std::vector<RowId> ids;
  self.take_until(limit, by_arrival, ids);
  return give_ids(ids);
}

void remove_rows(RowStore& self, KeyIndex* index, const RowStore* other, nb::handle series) {
  const std::vector<RowId> ids = ids_in(series, self);
  for (const RowId id : ids) {
    if (id != flott::kNoRow) self.remove(id);
  }
  erase_emptied(index, unused_slots(self, other));
}

// Of rows with one key and time the last stays; of `series`, those that are still there.
void remove_replaced(RowStore& self, nb::handle series) {
  for (const RowId id : ids_in(series, self)) {
    if (id != flott::kNoRow && self.is_live(id)) self.remove_equal_times(id);
  }
  self.take_emptied();
}

// Frees the versions that those of `series`, whose time has come, have replaced.
void remove_before(RowStore& self, nb::handle series) {
  for (const RowId id : ids_in(series, self)) {
    if (self.is_live(id)) self.remove_before(id);
  }
  self.take_emptied();
}

nb::object unmatched(const RowStore& self) {
  std::vector<RowId> ids;
  for (RowId id = 0; id < self.table().end(); ++id) {
    if (!self.is_live(id) || self.matches(id)) continue;
    for (std::uint32_t i = 0; i < self.copies(id); ++i) ids.push_back(id);
  }
  return give_ids(ids);
}

nb::object matches(const RowStore& self, nb::handle series) {
  std::vector<std::uint32_t> found;
  for (const RowId id : ids_in(series, self)) found.push_back(self.matches(id));
  Batch batch;
  batch.add(number_column("I", found, "f0"));
  return exported(std::move(batch));
}

nb::tuple snapshot(RowStore& self, bool full, bool detached) {
  RowStore::Dirty dirty;
  Batch batch;
  {
    nb::gil_scoped_release released;
    dirty = self.dirty(full, detached);
    batch = gather_rows(self, dirty.rows, 0);
    const bool is_tracked = self.options().is_tracked;
    std::vector<std::uint32_t> copies, counts;
    std::vector<std::int64_t> touched;
    for (const RowId id : dirty.rows) {
      copies.push_back(self.copies(id));
      counts.push_back(is_tracked ? self.matches(id) : 0);
      touched.push_back(self.options().ttl_ms ? self.touched(id) : 0);
    }
    batch.add(number_column("I", dirty.rows, "id"));
    batch.add(number_column("I", copies, "copies"));
    batch.add(number_column("I", counts, "matches"));
    batch.add(number_column("l", touched, "touched"));
  }
  return nb::make_tuple(dirty.is_full, dirty.rows.size(), exported(std::move(batch)), give_ids(dirty.gone));
}

void restore(RowStore& self, KeyIndex* index, nb::handle rows, const std::vector<std::size_t>& keys,
             std::uint64_t never_null, nb::handle copies, nb::handle counts, nb::handle touched) {
  const auto frame = flott::import_frame(rows);
  std::vector<RowId> ids(static_cast<std::size_t>(frame->rows()));
  const auto all_copies = numbers_in<std::uint32_t>(copies);
  const auto all_counts = numbers_in<std::uint32_t>(counts);
  const auto all_touched = numbers_in<std::int64_t>(touched);
  nb::gil_scoped_release released;
  self.append(*frame, slots_of(index, *frame, keys, never_null, true), 0, ids.data());
  self.restore_counts(*frame, ids, all_copies.data(), all_counts.data(), all_touched.data());
}

}  // namespace

void bind_row_store(nb::module_& module) {
  module.def("slots_of_rows", &slots, nb::arg("index"), nb::arg("rows"), nb::arg("keys"), nb::arg("never_null"),
             nb::arg("insert"));
  nb::class_<RowStore>(module, "RowStore")
      .def("__init__", &make_store, nb::arg("schema"), nb::arg("identity").none(), nb::arg("is_unique"),
           nb::arg("is_tracked"), nb::arg("sorted_by"), nb::arg("time_shift"), nb::arg("ttl_ms"), nb::arg("newest_by"),
           nb::arg("is_lean") = false)
      .def("__len__", &RowStore::live_rows)
      .def_prop_ro("memory_bytes", &RowStore::memory_bytes)
      .def_prop_ro("earliest_time", [](const RowStore& self) {
        return self.has_timed() ? std::optional(self.earliest_time()) : std::nullopt;
      })
      .def("append", &append, nb::arg("index").none(), nb::arg("rows"), nb::arg("keys"), nb::arg("never_null"),
           nb::arg("now_ms"))
      .def("append_at", &append_at, nb::arg("slots"), nb::arg("rows"), nb::arg("now_ms"))
      .def("rows_of", &rows_of, nb::arg("slots"))
      .def("apply", &apply, nb::arg("index").none(), nb::arg("slots"), nb::arg("rows"), nb::arg("kinds").none(),
           nb::arg("now_ms"))
      .def("gather", &gather, nb::arg("ids"), nb::arg("first_name") = 0)
      .def("latest", &latest, nb::arg("index").none(), nb::arg("rows"), nb::arg("keys"), nb::arg("never_null"),
           nb::arg("time_column"))
      .def("take_until", &take_until, nb::arg("limit"), nb::arg("by_arrival") = false)
      .def("remove", &remove_rows, nb::arg("index").none(), nb::arg("other").none(), nb::arg("ids"))
      .def("remove_before", &remove_before)
      .def("remove_replaced", &remove_replaced)
      .def("unmatched", &unmatched)
      .def("matches", &matches)
      .def("clear", &RowStore::clear)
      .def("expire", &expire, nb::arg("index").none(), nb::arg("other").none(), nb::arg("now_ms"))
      .def("snapshot", &snapshot)
      .def("restore", &restore, nb::arg("index").none(), nb::arg("rows"), nb::arg("keys"), nb::arg("never_null"),
           nb::arg("copies"), nb::arg("matches"), nb::arg("touched"));
}
