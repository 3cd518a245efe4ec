#include "row_arguments.h"

#include <algorithm>

namespace flott {

std::vector<Slot> slots_of(KeyIndex* index, Frame& frame, const std::vector<std::size_t>& keys,
                           std::uint64_t never_null, bool insert) {
  std::vector<Slot> slots(static_cast<std::size_t>(frame.rows()), 0);
  if (!index) return slots;
  std::vector<const Column*> columns;
  bool has_nulls = false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Column& column = frame.column(keys[i]);
    if (column.storage != index->types().at(i).storage()) throw nb::type_error("a join key has different types on both sides");
    columns.push_back(&column);
    has_nulls |= (never_null >> i & 1) && (column.has_nulls() || column.storage == Storage::kNull);
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

}  // namespace flott
