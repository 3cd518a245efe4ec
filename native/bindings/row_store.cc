// Python face of row_store.h and join_step.h.
#include "flott/row_store.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "arrow_capsule.h"
#include "flott/join_step.h"
#include "flott/key_index.h"

namespace nb = nanobind;

namespace {

using flott::ArrowFrame;
using flott::Batch;
using flott::ColumnBuilder;
using flott::ColumnType;
using flott::Frame;
using flott::JoinShape;
using flott::JoinStep;
using flott::KeyIndex;
using flott::kNoSlot;
using flott::RowId;
using flott::RowStore;
using flott::Slot;

nb::object give(Batch&& batch) {
  return nb::cast(flott::export_frame(std::move(batch)), nb::rv_policy::take_ownership);
}

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
  return give(std::move(batch));
}

template <typename T>
std::vector<T> numbers_in(nb::handle series) {
  const auto frame = flott::import_frame(series);
  const flott::Column& column = frame->column(0);
  if (flott::width_of(column.storage) != sizeof(T)) throw nb::type_error("a column of another width is needed here");
  const T* const values = column.values<T>();
  return {values, values + frame->rows()};
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

// The slot of each row by its key columns; kNoSlot for rows with a NULL where NULL equals nothing,
// and, without `insert`, for keys that are not there. Without an index all rows have slot 0.
std::vector<Slot> slots_of(KeyIndex* index, Frame& frame, const std::vector<std::size_t>& keys,
                           std::uint64_t never_null, bool insert) {
  std::vector<Slot> slots(static_cast<std::size_t>(frame.rows()), 0);
  if (!index) return slots;
  std::vector<const flott::Column*> columns;
  bool has_nulls = false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const flott::Column& column = frame.column(keys[i]);
    if (column.storage != index->types().at(i).storage()) throw nb::type_error("a join key has different types on both sides");
    columns.push_back(&column);
    has_nulls |= (never_null >> i & 1) && (column.has_nulls() || column.storage == flott::Storage::kNull);
  }
  if (!insert) {
    index->lookup(columns, {nullptr, 0, frame.rows()}, slots.data(), never_null);
    return slots;
  }
  if (!has_nulls) {
    index->upsert(columns, {nullptr, 0, frame.rows()}, slots.data());
    return slots;
  }
  std::vector<std::uint32_t> rows;
  for (std::int64_t row = 0; row < frame.rows(); ++row) {
    bool is_whole = true;
    for (std::size_t i = 0; i < keys.size(); ++i) is_whole &= !(never_null >> i & 1) || columns[i]->is_valid(row);
    if (is_whole) rows.push_back(static_cast<std::uint32_t>(row));
  }
  std::vector<Slot> found(rows.size());
  index->upsert(columns, {rows.data(), 0, static_cast<std::int64_t>(rows.size())}, found.data());
  std::fill(slots.begin(), slots.end(), kNoSlot);
  for (std::size_t i = 0; i < rows.size(); ++i) slots[rows[i]] = found[i];
  return slots;
}

void erase_emptied(KeyIndex* index, const std::vector<Slot>& slots) {
  if (!index) return;
  for (const Slot slot : slots) {
    if (slot < index->slot_end() && index->is_used(slot)) index->erase(slot);
  }
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
  return give(std::move(batch));
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
  return give(std::move(batch));
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
  return give(std::move(batch));
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
  return give(std::move(batch));
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
  return give(std::move(batch));
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
  return give(std::move(batch));
}

nb::object take_until(RowStore& self, std::int64_t limit, bool by_arrival) {
  std::vector<RowId> ids;
  self.take_until(limit, by_arrival, ids);
  return give_ids(ids);
}

void remove(RowStore& self, KeyIndex* index, const RowStore* other, nb::handle series) {
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
  return give(std::move(batch));
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
  return nb::make_tuple(dirty.is_full, dirty.rows.size(), give(std::move(batch)), give_ids(dirty.gone));
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

// --- join step

class BoundStep {
 public:
  BoundStep(KeyIndex* index, RowStore& own, RowStore& other, nb::handle rows, const std::vector<std::size_t>& keys,
            std::uint64_t never_null, nb::handle kinds, const JoinShape& shape, std::int64_t now_ms)
      : index_(index) {
    std::shared_ptr<Frame> frame = flott::import_frame(rows);
    std::vector<std::int8_t> all_kinds;
    if (!kinds.is_none()) all_kinds = numbers_in<std::int8_t>(kinds);
    nb::gil_scoped_release released;
    own.table().check(*frame);
    std::vector<Slot> slots = slots_of(index, *frame, keys, never_null, shape.keeps_rows);
    step_.emplace(own, other, std::move(frame), std::move(slots), std::move(all_kinds), shape, now_ms);
  }

  std::size_t pairs() const { return step_->pairs(); }

  nb::object candidates() {
    Batch batch;
    {
      nb::gil_scoped_release released;
      batch = step_->candidates();
    }
    return give(std::move(batch));
  }

  nb::object finish(nb::handle mask) {
    std::unique_ptr<Frame> passing;
    if (!mask.is_none()) {
      passing = flott::import_frame(mask);
      if (passing->column(0).storage != flott::Storage::kBool || passing->rows() != static_cast<std::int64_t>(step_->pairs())) {
        throw nb::value_error("a condition gives one Boolean for each pair");
      }
    }
    Batch batch;
    {
      nb::gil_scoped_release released;
      batch = step_->finish(passing ? passing->column(0).values<std::uint8_t>() : nullptr);
      erase_emptied(index_, step_->emptied());
    }
    if (!step_->rows()) return nb::none();
    return give(std::move(batch));
  }

  // After a plain step whose candidates are the result.
  void close() { erase_emptied(index_, step_->emptied()); }

  bool has_kinds() const { return step_->has_kinds(); }
  bool is_plain() const { return step_->is_plain(); }

 private:
  KeyIndex* index_;
  std::optional<JoinStep> step_;
};

void bind_row_store(nb::module_& module) {
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
      .def("remove", &remove, nb::arg("index").none(), nb::arg("other").none(), nb::arg("ids"))
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

void bind_join_step(nb::module_& module) {
  nb::class_<JoinShape>(module, "JoinShape")
      .def("__init__", [](JoinShape* self, int result, bool own_is_left, bool pads_own, bool pads_other,
                          bool is_final, int time_column, std::int64_t lower, std::int64_t upper) {
        new (self) JoinShape{static_cast<flott::JoinResult>(result), own_is_left, pads_own, pads_other, is_final,
                             true, false, time_column, lower, upper, INT64_MIN, {}, {}};
      }, nb::arg("result"), nb::arg("own_is_left"), nb::arg("pads_own"), nb::arg("pads_other"), nb::arg("is_final"),
           nb::arg("time_column") = -1, nb::arg("lower") = 0, nb::arg("upper") = 0)
      .def_rw("keeps_rows", &JoinShape::keeps_rows)
      .def_rw("keeps_kinds", &JoinShape::keeps_kinds)
      .def_rw("keep_after", &JoinShape::keep_after)
      .def_rw("outputs", &JoinShape::outputs)
      .def("compare", [](JoinShape& self, std::uint32_t first, const std::string& text, std::uint32_t second) {
        using Operator = flott::Comparison::Operator;
        static const std::array<std::pair<const char*, Operator>, 6> kOperators{{
            {"=", Operator::kEqual}, {"<>", Operator::kNotEqual}, {"<", Operator::kLess},
            {"<=", Operator::kLessOrEqual}, {">", Operator::kGreater}, {">=", Operator::kGreaterOrEqual}}};
        for (const auto& [name, is] : kOperators) {
          if (text == name) return self.comparisons.push_back({first, is, second});
        }
        throw nb::value_error("no such comparison");
      });
  nb::class_<BoundStep>(module, "JoinStep")
      .def(nb::init<KeyIndex*, RowStore&, RowStore&, nb::handle, const std::vector<std::size_t>&, std::uint64_t,
                    nb::handle, const JoinShape&, std::int64_t>(),
           nb::arg("index").none(), nb::arg("own"), nb::arg("other"), nb::arg("rows"), nb::arg("keys"),
           nb::arg("never_null"), nb::arg("kinds").none(), nb::arg("shape"), nb::arg("now_ms"),
           nb::keep_alive<1, 2>(), nb::keep_alive<1, 3>(), nb::keep_alive<1, 4>())
      .def_prop_ro("pairs", &BoundStep::pairs)
      .def_prop_ro("has_kinds", &BoundStep::has_kinds)
      .def_prop_ro("is_plain", &BoundStep::is_plain)
      .def("close", &BoundStep::close)
      .def("candidates", &BoundStep::candidates)
      .def("finish", &BoundStep::finish, nb::arg("mask").none());
}

}  // namespace

void bind_joins(nb::module_& module) {
  module.def("slots_of_rows", &slots, nb::arg("index"), nb::arg("rows"), nb::arg("keys"), nb::arg("never_null"),
             nb::arg("insert"));
  bind_row_store(module);
  bind_join_step(module);
}
