// The first rows of each partition by a sort key, kept up to date.
//
// The rows are in a RowStore; here, for each slot, stands their order: entries of 32 bytes, sorted, with
// as much of the key as fits into three words in memcmp order. Longer keys continue in a string.
// Equal keys stay in order of arrival. A batch is one change: for every slot it touches the rows shown
// before and after it are compared, and the difference is what goes out.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/row_store.h"

namespace flott {

struct SortColumn {
  std::uint32_t position;
  bool is_ascending;
  bool nulls_first;
};

struct TopNSpec {
  std::vector<SortColumn> order;
  std::int64_t first = 1;  // ranks shown, from 1
  std::int64_t last = 1;
  bool has_rank = false;
  bool retracts = false;  // rows may go: all are kept
  bool emits_update_before = true;
  std::vector<std::uint32_t> identity;  // columns by which a row that goes is found; empty: all
};

class TopN {
 public:
  explicit TopN(TopNSpec spec) : spec_(std::move(spec)) {}

  // Applies a batch; `kinds` may be null. Gives the rows' columns, the rank if asked for, the kind.
  Batch process(RowStore& store, std::span<const Slot> slots, Frame& frame, const std::int8_t* kinds,
                std::int64_t now_ms, std::vector<RowId>& gone);
  // Takes in rows that a restored store has, in order of arrival.
  void rebuild(std::span<const Slot> slots, Frame& frame, std::span<const RowId> ids);
  std::size_t memory_bytes() const { return memory_; }

 private:
  static constexpr std::size_t kWords = 3;
  struct Key {
    std::array<std::uint64_t, kWords> words{};
    std::string rest;
  };
  struct Entry {
    std::array<std::uint64_t, kWords> words;
    std::uint32_t rest;  // index into rests_; 0: nothing
    RowId row;           // or the row of the batch, with kPending
  };
  struct Touched {
    Slot slot;
    std::uint32_t begin;  // of what was shown, in before_
    std::uint32_t end;
  };
  struct Shown {
    RowId row;
    std::int64_t rank;
    std::int8_t kind;
  };
  static constexpr RowId kPending = 1u << 31;

  void encode(Frame& frame, std::int64_t row, Key& key) const;
  int compare(const Entry& entry, const Key& key) const;
  std::vector<Entry>& entries(Slot slot);
  void prefetch(std::span<const Slot> slots) const;
  void touch(Slot slot);
  void insert(Slot slot, const Key& key, RowId row);
  void remove(RowStore& store, Slot slot, const Key& key, Frame& frame, std::int64_t row);
  void drop(Entry& entry);
  void settle(RowStore& store, std::span<const Slot> slots, Frame& frame, std::int64_t now_ms);
  void compare_shown(const RowStore& store);
  void compare_ranks(const RowStore& store, const Touched& touched, std::span<const RowId> after);
  void compare_sets(const Touched& touched, std::span<const RowId> after);

  TopNSpec spec_;
  std::vector<std::vector<Entry>> lists_;
  std::vector<std::string> rests_{1};
  std::vector<std::uint32_t> free_rests_;
  std::size_t memory_ = 0;

  // Of the batch at work.
  std::vector<std::uint32_t> touched_in_;  // by slot: number of the batch
  std::uint32_t batch_ = 0;
  std::vector<Touched> touched_;
  std::vector<RowId> before_;
  std::vector<RowId> gone_;
  std::vector<Shown> shown_;
  std::vector<std::uint32_t> pending_;
};

}  // namespace flott
