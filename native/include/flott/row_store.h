// Rows by key slot: one side of a join.
//
// Rows of a slot form a chain: in order of arrival, or by a time column. What else a store can do is
// chosen when it is made, and costs nothing where it is not:
//
//   identity     rows that come again or go again are found by the columns that identify them: all of
//                them (equal rows are kept once, with the number of copies) or a unique key (a row
//                replaces the one of its key)
//   is_tracked   rows can be removed and have a match count; needed by all of the options here
//   sorted_by    chains by time; `take_until` gives rows whose time has come
//   ttl          rows that nobody wrote for so long are gone
//
// Changes of a batch are consolidated: `apply` reports what differs between before and after.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "flott/columns.h"
#include "flott/pod_array.h"
#include "flott/row_kind.h"
#include "flott/row_table.h"
#include "flott/time_queue.h"

namespace flott {

// The values of a changed row stand in the batch, or, if the bit is set, in the store.
inline constexpr std::uint32_t kFromStore = 1u << 31;

struct Change {
  std::uint32_t source;
  RowId stored;          // kNoRow if the row is not kept
  std::int32_t weight;   // copies that came, or, below zero, went
  std::int8_t kind;
};

class RowStore {
 public:
  struct Options {
    bool has_identity = false;
    bool is_unique = false;
    std::vector<std::uint32_t> identity;  // with is_unique, empty means one row a slot
    bool is_tracked = false;
    bool is_lean = false;  // tracked rows that nothing else is asked of: no match counts, no stamps
    int sorted_by = -1;
    int newest_by = -1;  // with is_unique: a row does not replace one with a later value here
    int time_shift = 20;
    std::int64_t ttl_ms = 0;
  };

  RowStore(std::vector<ColumnType> types, Options options);

  const Options& options() const { return options_; }
  RowTable& table() { return table_; }
  const RowTable& table() const { return table_; }
  std::size_t live_rows() const { return live_; }
  std::size_t memory_bytes() const;

  // Keeps row i of the frame under slots[i], unless that is kNoSlot; ids (kNoRow where not kept).
  void append(Frame& frame, std::span<const Slot> slots, std::int64_t now_ms, RowId* ids);
  // Applies a changelog to a store with identity. Rows that go stay readable until release_dead().
  void apply(Frame& frame, std::span<const Slot> slots, const std::int8_t* kinds, std::int64_t now_ms,
             std::vector<Change>& out);
  void release_dead();
  // Takes a row out at once.
  void remove(RowId id);
  void clear();

  // Rows not written for the time to live go.
  void expire(std::int64_t now_ms);
  // Rows whose time is at most `limit`, each reported once, by time or only by arrival.
  void take_until(std::int64_t limit, bool by_arrival, std::vector<RowId>& out);
  bool has_timed() const { return !queue_.empty(); }
  std::int64_t earliest_time() const { return queue_.earliest(); }
  // Takes out what stands before `id` in its chain.
  void remove_before(RowId id);
  // Takes out what stands right before `id` and has the same time.
  void remove_equal_times(RowId id);

  RowId head(Slot slot) const { return slot < chains_.size() ? chains_[slot].head : kNoRow; }
  RowId tail(Slot slot) const { return slot < chains_.size() ? chains_[slot].tail : kNoRow; }
  void prefetch_slot(Slot slot) const {
    if (slot < chains_.size()) __builtin_prefetch(&chains_[slot]);
  }
  RowId next(RowId id) const { return core(id).next; }
  RowId previous(RowId id) const { return extra(id).previous; }
  Slot slot(RowId id) const { return core(id).slot; }  // of a tracked row
  std::uint32_t copies(RowId id) const { return options_.is_tracked ? extra(id).copies : 1; }
  std::uint32_t matches(RowId id) const { return options_.is_lean ? 0 : extra(id).matches; }
  void set_matches(RowId id, std::uint32_t matches);
  // The last row of the slot whose time is at most `time`.
  RowId latest(Slot slot, std::int64_t time) const;
  std::int64_t time(RowId id) const { return table_.integer(id, static_cast<std::size_t>(options_.sorted_by)); }
  // A number to keep with a row while one step works on it.
  std::uint32_t& stamp(RowId id) { return extra(id).stamp; }
  bool is_live(RowId id) const;

  // Slots whose last row went since the last call, some more than once; may be in use again.
  std::vector<Slot> take_emptied() { return std::move(emptied_); }

  // Rows changed and rows gone since the last call; rows that came and went may be in the second.
  struct Dirty {
    bool is_full = false;
    std::vector<RowId> rows;
    std::vector<RowId> gone;
  };
  // With `full` every row. A detached call leaves what is dirty dirty.
  Dirty dirty(bool full, bool detached);
  std::int64_t touched(RowId id) const {
    return *reinterpret_cast<const std::int64_t*>(table_.row(id) + sizeof(Core) + sizeof(Extra));
  }
  // Gives rows that were just appended (ids[i] is row i of the frame, or kNoRow) what a snapshot
  // had of them: copies, matches and, for a store with TTL, the time of the last write.
  void restore_counts(Frame& frame, std::span<const RowId> ids, const std::uint32_t* copies,
                      const std::uint32_t* matches, const std::int64_t* touched);

 private:
  struct Core {
    RowId next;
    Slot slot;  // of tracked rows
  };
  struct Extra {
    RowId previous;
    std::uint32_t copies;  // 0: the row is not in use
    std::uint32_t matches;  // a lean row has nothing from here on
    std::uint32_t hash;
    std::uint32_t stamp;
    std::uint32_t serial;
  };
  struct Chain {
    RowId head;
    RowId tail;
  };
  static constexpr Chain kNoChain{kNoRow, kNoRow};
  struct Touched {
    RowId row;
    std::uint32_t before;
    std::uint32_t source;
    std::uint32_t last;
    std::int8_t kind;
    bool is_new;
  };
  static constexpr std::uint32_t kDirect = 0xFFFFFFFFu;   // a change that meets no row
  static constexpr std::uint32_t kIgnored = 0xFFFFFFFEu;
  static constexpr std::uint32_t kNoSource = 0xFFFFFFFFu;

  Core& core(RowId id) { return *reinterpret_cast<Core*>(table_.row(id)); }
  const Core& core(RowId id) const { return *reinterpret_cast<const Core*>(table_.row(id)); }
  Extra& extra(RowId id) { return *reinterpret_cast<Extra*>(table_.row(id) + sizeof(Core)); }
  const Extra& extra(RowId id) const { return *reinterpret_cast<const Extra*>(table_.row(id) + sizeof(Core)); }
  std::int64_t& touched_ms(RowId id) {
    return *reinterpret_cast<std::int64_t*>(table_.row(id) + sizeof(Core) + sizeof(Extra));
  }

  static std::size_t header_bytes(const Options& options);
  Chain& chain(Slot slot);
  void link(RowId id, Slot slot);
  void link_sorted(RowId id, Chain& chain);
  void unlink(RowId id);
  void start(RowId id, Slot slot, std::int64_t now_ms);
  void touch(RowId id, std::int64_t now_ms);
  void mark_dirty(RowId id);
  void forget(RowId id);

  std::uint32_t identity_hash(Slot slot, std::uint64_t columns_hash) const;
  RowId find(Slot slot, std::uint32_t hash, Frame& frame, std::size_t source);
  void prefetch_rows(std::span<const Slot> slots, const std::uint64_t* hashes) const;
  bool is_same(RowId id, Frame& frame, std::size_t source);
  bool is_outdated(const Touched& touched, Frame& frame, std::uint32_t source, std::int8_t kind);
  void table_insert(RowId id);
  void table_replace(RowId old_id, RowId new_id);
  void table_remove(RowId id);
  void table_grow();
  void restore_identity(Frame& frame, std::span<const RowId> ids);
  void report(const Touched& touched, Frame& frame, std::int64_t now_ms, std::vector<Change>& out);
  RowId replace(const Touched& touched, std::int64_t now_ms);
  std::vector<std::uint64_t> identity_hashes(Frame& frame, std::size_t count);

  Options options_;
  std::vector<std::uint32_t> all_columns_;
  RowTable table_;
  PodArray<Chain> chains_;
  PodArray<RowId> index_;  // open addressing; kNoRow is free
  std::size_t indexed_ = 0;
  TimeQueue queue_;
  std::vector<TimeQueue::Entry> due_;
  std::uint32_t serial_ = 0;
  std::size_t live_ = 0;

  // Of the batch at work.
  std::vector<Touched> touched_;
  std::vector<RowId> pending_rows_;
  std::vector<std::uint32_t> pending_sources_;
  std::vector<RowId> dead_;

  std::vector<Slot> emptied_;
  bool keeps_dirty_ = false;
  bool is_replaced_ = true;
  RowId clean_end_ = 0;
  std::vector<bool> is_dirty_;
  std::vector<RowId> dirty_;
  std::vector<RowId> gone_;
};

}  // namespace flott
