// Window aggregates by slices: groups by (slice, key), where a slice is the time that no window splits.
// A window is read from the slices it has; slices that windows of the same end no longer need apart
// can be merged, and a slice that no window needs any more is dropped.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flott/group_table.h"

namespace flott {

class SliceTable {
 public:
  // The first key of `spec` is the slice, a 64-bit number.
  explicit SliceTable(GroupTableSpec spec);

  void accumulate(Frame& frame, const Column* kinds);
  std::vector<std::int64_t> slices() const;
  // Keys without the slice, and results, of the groups with rows in any of `slices`.
  Batch results(std::span<const std::int64_t> slices);
  // Moves the groups of slice `from` to slice `into`.
  void merge(std::int64_t into, std::int64_t from);
  void drop(std::int64_t slice);

  std::optional<std::string> snapshot(bool full, bool detached) { return table_.snapshot(full, detached); }
  void restore(std::string_view payload, std::uint32_t first_group, std::uint32_t last_group);
  std::size_t size() const { return table_.size(); }
  std::size_t memory_bytes() const { return table_.memory_bytes() + combined_.memory_bytes(); }

 private:
  Batch results_of_one(std::int64_t slice);
  std::vector<Slot> in_use(std::int64_t slice) const;
  // The keys of `slots` without the slice, as a frame of key columns.
  std::unique_ptr<Frame> keys_of(std::span<const Slot> slots) const;

  GroupTable table_;
  GroupTable combined_;  // of several slices; empty between calls
  std::map<std::int64_t, std::vector<Slot>> slices_;
};

}  // namespace flott
