// The distinct values of many groups: (slot, value columns) -> how often each is there, once for each
// of several filters. Entries of a slot are a chain, so that a slot can be forgotten or merged.
//
// Where no row goes, it is enough to know whether a value is there: a bit for each filter.
#pragma once

#include <span>
#include <vector>

#include "flott/aggregate_state.h"
#include "flott/key_index.h"
#include "flott/pod_array.h"

namespace flott {

using Entry = Slot;  // of the bag's own index

class ValueBag {
 public:
  ValueBag(std::vector<ColumnType> value_types, std::size_t filters, bool retracts);

  // Finds or makes the entry of every row and prepares to count; `values` are the value columns and
  // `slots` is indexed by row.
  void find(Columns values, RowSet rows, const Slot* slots, std::int64_t slot_count);
  // Counts row number i of the last find under `filter`; whether the value has appeared (+1) or
  // disappeared (-1) there, else 0.
  int count(std::int64_t i, std::size_t filter, int weight) {
    const Entry entry = entries_[i];
    if (!retracts_) return weight > 0 && mark(entry, filter) ? 1 : 0;
    std::int32_t& held = counts(entry)[filter];
    if (weight > 0) return held++ == 0 ? 1 : 0;
    if (held == 0) return 0;  // it never came
    if (--held > 0) return 0;
    emptied_.push_back(entry);
    return -1;
  }
  int add(std::int64_t i, std::size_t filter, std::int32_t times) {
    if (!retracts_) return times > 0 && mark(entries_[i], filter) ? 1 : 0;
    std::int32_t& held = counts(entries_[i])[filter];
    const bool appears = held == 0 && times > 0;
    held += times;
    return appears ? 1 : 0;
  }
  // Forgets entries that count nothing any more; after the last `count` of a find.
  void drop_emptied();

  void reserve(std::size_t slots) { heads_.resize(slots, kNoSlot); }
  void clear(Slot slot);
  std::size_t filters() const { return filters_; }
  const KeyIndex& index() const { return index_; }

  template <typename Body>
  void each_entry(Slot slot, Body body) const {
    for (Entry entry = heads_[slot]; entry != kNoSlot; entry = next_[entry]) body(entry);
  }
  std::int32_t times(Entry entry, std::size_t filter) const {
    return retracts_ ? counts_[std::size_t{entry} * filters_ + filter] : is_marked(entry, filter);
  }

  // Snapshots. What changed is tracked from the first `start_tracking` on.
  void write_entry(Entry entry, Writer& out) const;
  void read_entry(Slot slot, Reader& in);
  void skip_entry(Reader& in) const;
  template <typename Body>
  void each_changed(Body body) {
    for (Entry entry : changed_) {
      if (!index_.is_used(entry) || epochs_[entry] != epoch_) continue;
      epochs_[entry] = 0;
      body(entry, owner(entry));
    }
  }
  void start_tracking();

  std::size_t memory_bytes() const;

 private:
  // The slot is the first column of the key.
  Slot owner(Entry entry) const { return index_.value<Slot>(entry, 0); }
  std::int32_t* counts(Entry entry) { return counts_.data() + std::size_t{entry} * filters_; }
  std::uint8_t* marks(Entry entry) { return marks_.data() + std::size_t{entry} * mark_bytes_; }
  bool is_marked(Entry entry, std::size_t filter) const {
    return marks_[std::size_t{entry} * mark_bytes_ + filter / 8] >> filter % 8 & 1;
  }
  // Whether the mark is new.
  bool mark(Entry entry, std::size_t filter) {
    std::uint8_t& held = marks(entry)[filter / 8];
    const auto bit = static_cast<std::uint8_t>(1u << filter % 8);
    const bool is_new = !(held & bit);
    held |= bit;
    return is_new;
  }
  void start(Entry entry);
  void track(Entry entry);
  void erase(Entry entry);
  bool is_empty(Entry entry) const;

  KeyIndex index_;
  std::size_t filters_;
  std::size_t mark_bytes_;
  bool retracts_;
  PodArray<Entry> next_;
  PodArray<Entry> previous_;       // where rows go
  PodArray<std::int32_t> counts_;  // where rows go
  PodArray<std::uint8_t> marks_;   // where rows only come
  PodArray<std::uint32_t> epochs_;  // of the last change, while changes are tracked
  PodArray<Entry> heads_;
  std::vector<Entry> added_;
  std::vector<Entry> emptied_;
  std::vector<Entry> changed_;
  std::vector<Entry> gone_;  // emptied, but not yet in a snapshot
  PodArray<Entry> entries_;
  bool tracks_ = false;
  std::uint32_t epoch_ = 1;
};

}  // namespace flott
