// The distinct values of many groups: (slot, value columns) -> how often each is there, once for each
// of several filters. Entries of a slot are a chain, so that a slot can be forgotten or merged.
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
  ValueBag(std::vector<ColumnType> value_types, std::size_t filters);

  // Finds or makes the entry of every row and prepares to count; `values` are the value columns and
  // `slots` is indexed by row.
  void find(Columns values, RowSet rows, const Slot* slots, std::int64_t slot_count);
  // Counts row number i of the last find under `filter`; whether the value has appeared (+1) or
  // disappeared (-1) there, else 0.
  int count(std::int64_t i, std::size_t filter, int weight) {
    std::int32_t& held = counts(entries_[i])[filter];
    if (weight > 0) return held++ == 0 ? 1 : 0;
    if (held == 0) return 0;  // it never came
    if (--held > 0) return 0;
    emptied_.push_back(entries_[i]);
    return -1;
  }
  int add(std::int64_t i, std::size_t filter, std::int32_t times) {
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
    for (Entry entry = heads_[slot]; entry != kNoSlot; entry = links_[entry].next) body(entry);
  }
  const std::int32_t* counts(Entry entry) const { return counts_.data() + std::size_t{entry} * filters_; }

  // Snapshots. What changed is tracked from the first `start_tracking` on.
  void write_entry(Entry entry, Writer& out) const;
  void read_entry(Slot slot, Reader& in);
  void skip_entry(Reader& in) const;
  template <typename Body>
  void each_changed(Body body) {
    for (Entry entry : changed_) {
      Link& link = links_[entry];
      if (!index_.is_used(entry) || link.epoch != epoch_) continue;
      link.epoch = 0;
      body(entry, link.owner);
    }
  }
  void start_tracking();

  std::size_t memory_bytes() const;

 private:
  struct Link {
    Slot owner;
    Entry next;
    Entry previous;
    std::uint32_t epoch;
  };
  std::int32_t* counts(Entry entry) { return counts_.data() + std::size_t{entry} * filters_; }
  void prepare(Entry entry);
  void link(Entry entry, Slot slot);
  void erase(Entry entry);
  bool is_empty(Entry entry) const;

  KeyIndex index_;
  std::size_t filters_;
  PodArray<Link> links_;
  PodArray<std::int32_t> counts_;
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
