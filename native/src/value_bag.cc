#include "flott/value_bag.h"

#include <algorithm>

namespace flott {
namespace {

std::vector<ColumnType> with_slot(std::vector<ColumnType> types) {
  types.insert(types.begin(), ColumnType{"I", "slot", {}});
  return types;
}

}  // namespace

ValueBag::ValueBag(std::vector<ColumnType> value_types, std::size_t filters)
    : index_(with_slot(std::move(value_types))), filters_(filters) {}

void ValueBag::find(Columns values, RowSet rows, const Slot* slots, std::int64_t slot_count) {
  const Column slot_column = Column::over(slots, slot_count);
  std::vector<const Column*> columns{&slot_column};
  columns.insert(columns.end(), values.begin(), values.end());
  entries_.resize(static_cast<std::size_t>(rows.count));
  added_.clear();
  emptied_.clear();
  index_.upsert(columns, rows, entries_.data(), &added_);
  for (Entry entry : added_) prepare(entry);
  constexpr std::int64_t kAhead = 16;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    if (i + kAhead < rows.count) {
      __builtin_prefetch(&links_[entries_[i + kAhead]], 1);
      __builtin_prefetch(counts(entries_[i + kAhead]), 1);
    }
    Link& held = links_[entries_[i]];
    if (held.owner == kNoSlot) link(entries_[i], slots[rows[i]]);
    if (tracks_ && held.epoch != epoch_) {
      held.epoch = epoch_;
      changed_.push_back(entries_[i]);
    }
  }
}

void ValueBag::prepare(Entry entry) {
  if (links_.size() < index_.slot_end()) {
    links_.resize(index_.slot_end());
    counts_.resize(std::size_t{index_.slot_end()} * filters_);
  }
  links_[entry] = Link{kNoSlot, kNoSlot, kNoSlot, 0};
  std::fill_n(counts(entry), filters_, 0);
}

// New entries go to the head of the chain.
void ValueBag::link(Entry entry, Slot slot) {
  Link& held = links_[entry];
  held.owner = slot;
  held.next = heads_[slot];
  held.previous = kNoSlot;
  if (held.next != kNoSlot) links_[held.next].previous = entry;
  heads_[slot] = entry;
}

void ValueBag::erase(Entry entry) {
  const Link held = links_[entry];
  if (held.next != kNoSlot) links_[held.next].previous = held.previous;
  (held.previous != kNoSlot ? links_[held.previous].next : heads_[held.owner]) = held.next;
  index_.erase(entry);
}

bool ValueBag::is_empty(Entry entry) const {
  return std::all_of(counts(entry), counts(entry) + filters_, [](std::int32_t held) { return held <= 0; });
}

void ValueBag::drop_emptied() {
  for (Entry entry : emptied_) {
    if (!index_.is_used(entry) || !is_empty(entry)) continue;
    if (tracks_) gone_.push_back(entry);
    else erase(entry);
  }
  emptied_.clear();
}

void ValueBag::clear(Slot slot) {
  for (Entry entry = heads_[slot]; entry != kNoSlot;) {
    const Entry next = links_[entry].next;
    index_.erase(entry);
    entry = next;
  }
  heads_[slot] = kNoSlot;
}

void ValueBag::start_tracking() {
  for (Entry entry : gone_) {
    if (index_.is_used(entry) && is_empty(entry)) erase(entry);
  }
  gone_.clear();
  changed_.clear();
  tracks_ = true;
  ++epoch_;
}

void ValueBag::write_entry(Entry entry, Writer& out) const {
  index_.write(entry, out);
  out.raw(counts(entry), filters_ * sizeof(std::int32_t));
}

void ValueBag::read_entry(Slot slot, Reader& in) {
  bool is_new;
  const Entry entry = index_.read(in, true, &is_new, &slot);
  if (is_new) {
    prepare(entry);
    link(entry, slot);
  }
  std::memcpy(counts(entry), in.raw(filters_ * sizeof(std::int32_t)), filters_ * sizeof(std::int32_t));
  if (is_empty(entry)) erase(entry);
}

void ValueBag::skip_entry(Reader& in) const {
  index_.skip(in);
  in.raw(filters_ * sizeof(std::int32_t));
}

std::size_t ValueBag::memory_bytes() const {
  return index_.memory_bytes() + links_.bytes() + counts_.bytes() + heads_.bytes() + entries_.bytes();
}

}  // namespace flott
