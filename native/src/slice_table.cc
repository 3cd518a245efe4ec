#include "flott/slice_table.h"

#include <algorithm>

namespace flott {
namespace {

GroupTableSpec without_slice(GroupTableSpec spec) {
  spec.keys.erase(spec.keys.begin());
  spec.key_types.erase(spec.key_types.begin());
  for (std::size_t i = 0; i < spec.key_types.size(); ++i) spec.key_types[i].name = "f" + std::to_string(i);
  return spec;
}

std::vector<const Column*> columns_of(Frame& frame) {
  std::vector<const Column*> columns;
  for (std::size_t i = 0; i < frame.width(); ++i) columns.push_back(&frame.column(i));
  return columns;
}

}  // namespace

SliceTable::SliceTable(GroupTableSpec spec) : table_(spec), combined_(without_slice(std::move(spec))) {}

void SliceTable::accumulate(Frame& frame, const Column* kinds) {
  table_.accumulate(frame, kinds, 0);
  for (Slot slot : table_.added()) slices_[table_.index().value<std::int64_t>(slot, 0)].push_back(slot);
}

std::vector<std::int64_t> SliceTable::slices() const {
  std::vector<std::int64_t> ends;
  for (const auto& each : slices_) ends.push_back(each.first);
  return ends;
}

std::vector<Slot> SliceTable::in_use(std::int64_t slice) const {
  const auto found = slices_.find(slice);
  return found == slices_.end() ? std::vector<Slot>{} : found->second;
}

std::unique_ptr<Frame> SliceTable::keys_of(std::span<const Slot> slots) const {
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : table_.spec().key_types) columns.emplace_back(type);
  table_.index().keys(slots, columns);
  Batch keys;
  for (std::size_t i = 1; i < columns.size(); ++i) keys.add(std::move(columns[i]));
  return as_frame(std::move(keys));
}

// One slice is read where it is.
Batch SliceTable::results_of_one(std::int64_t slice) {
  std::vector<Slot> slots = in_use(slice);
  std::erase_if(slots, [&](Slot slot) { return table_.state().rows().header(slot).rows <= 0; });
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : table_.spec().key_types) columns.emplace_back(type);
  table_.index().keys(slots, columns);
  std::vector<ColumnBuilder> values = table_.state().new_results();
  table_.state().results(slots, values);
  Batch out;
  for (std::size_t i = 1; i < columns.size(); ++i) {
    columns[i].rename("f" + std::to_string(i - 1));
    out.add(std::move(columns[i]));
  }
  for (ColumnBuilder& column : values) out.add(std::move(column));
  return out;
}

Batch SliceTable::results(std::span<const std::int64_t> slices) {
  if (slices.size() == 1) return results_of_one(slices[0]);
  std::vector<Slot> combined;
  for (std::int64_t slice : slices) {
    const std::vector<Slot> slots = in_use(slice);
    if (slots.empty()) continue;
    const std::unique_ptr<Frame> keys = keys_of(slots);
    combined_.find_groups(columns_of(*keys), static_cast<std::int64_t>(slots.size()), combined);
    combined_.merge(combined, table_.state(), slots);
  }
  Slot next = 0;
  Batch out = combined_.results(&next, combined_.size());
  combined_.clear();
  return out;
}

void SliceTable::merge(std::int64_t into, std::int64_t from) {
  const std::vector<Slot> slots = in_use(from);
  if (slots.empty()) return;
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : table_.spec().key_types) columns.emplace_back(type);
  table_.index().keys(slots, columns);
  Batch keys;
  ColumnBuilder slice(table_.spec().key_types[0]);
  std::fill_n(slice.extend<std::int64_t>(static_cast<std::int64_t>(slots.size())), slots.size(), into);
  keys.add(std::move(slice));
  for (std::size_t i = 1; i < columns.size(); ++i) keys.add(std::move(columns[i]));
  const std::unique_ptr<Frame> frame = as_frame(std::move(keys));
  std::vector<Slot> targets;
  table_.find_groups(columns_of(*frame), frame->rows(), targets);
  table_.merge(targets, table_.state(), slots);
  std::vector<Slot>& members = slices_[into];
  members.insert(members.end(), targets.begin(), targets.end());
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  drop(from);
}

void SliceTable::drop(std::int64_t slice) {
  for (Slot slot : in_use(slice)) table_.erase(slot);
  slices_.erase(slice);
}

void SliceTable::restore(std::string_view payload, std::uint32_t first_group, std::uint32_t last_group) {
  table_.restore(payload, first_group, last_group);
  slices_.clear();
  const KeyIndex& index = table_.index();
  for (Slot slot = 0; slot < index.slot_end(); ++slot) {
    if (index.is_used(slot)) slices_[index.value<std::int64_t>(slot, 0)].push_back(slot);
  }
}

}  // namespace flott
