// Grouped aggregation: a key index, accumulators, and the changes that a batch makes.
//
// `process` adds a batch and returns what changed, once for each group, in order of first touch:
// keys, results, kind. `accumulate` only adds; `results` reads. Snapshots hold the groups changed
// since the last one and the keys that have gone; they are read back by key group.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flott/aggregate_state.h"
#include "flott/key_index.h"
#include "flott/row_kind.h"

namespace flott {

// Of a row that only asks (see scan).
inline constexpr std::int8_t kNoChange = 4;

struct GroupTableSpec {
  std::vector<int> keys;                // columns of the input
  std::vector<ColumnType> key_types;
  std::vector<ColumnType> input_types;
  std::vector<AggregateSpec> aggregates;
  std::vector<AggregateState::BagSpec> bags;
  bool emits_update_before = true;
  bool merges_partials = false;         // the last column of the input is what `partials` wrote
  std::uint32_t ttl_seconds = 0;        // 0: groups never expire
  std::uint32_t max_parallelism = 128;
  std::vector<std::size_t> group_columns;  // of the key columns, those whose hash decides the key group

  std::string signature() const;
};

class GroupTable {
 public:
  // Rows of a batch that go from the index to the accumulators at once, so that slots and rows of state
  // are still in the nearest cache.
  static constexpr std::int64_t kBlock = KeyIndex::kBlock;

  explicit GroupTable(GroupTableSpec spec);

  // `kinds` may be null: all inserts.
  Batch process(Frame& frame, const Column* kinds, std::uint32_t now_seconds);
  void accumulate(Frame& frame, const Column* kinds, std::uint32_t now_seconds);
  // Applies the rows one after the other, weights as in `kinds`; the results (without keys) of the row's
  // group after each row for which `emits` is true.
  Batch scan(Frame& frame, const Column* kinds, const Column& emits, std::uint32_t now_seconds);
  // Keys and results of groups of `slots`, or of up to `most` groups from slot `*next` on.
  Batch results(std::span<const Slot> slots) const;
  Batch results(Slot* next, std::size_t most) const;
  // The results of a group without rows.
  Batch empty_result();
  // Keys and one binary column, the state of each group; the table is empty afterwards.
  Batch take_partials();
  // Forgets groups that nothing has touched for so long.
  std::size_t expire(std::uint32_t now_seconds);
  void erase(Slot slot);
  void clear();

  std::size_t size() const { return index_.size(); }
  const KeyIndex& index() const { return index_; }
  AggregateState& state() { return state_; }
  const GroupTableSpec& spec() const { return spec_; }
  // Slots that the last batch touched, and which of them it made.
  const std::vector<Slot>& touched() const { return touched_; }
  const std::vector<Slot>& added() const { return added_; }
  // Finds or makes the groups of keys alone, one slot for each row.
  void find_groups(Columns keys, std::int64_t rows, std::vector<Slot>& out);
  // Adds groups of another table of the same aggregates.
  void merge(std::span<const Slot> slots, AggregateState& from, std::span<const Slot> from_slots);

  std::optional<std::string> snapshot(bool full, bool detached);
  void restore(std::string_view payload, std::uint32_t first_group, std::uint32_t last_group);
  std::size_t memory_bytes() const;

 private:
  struct Rows;
  void begin(Frame& frame, const Column* kinds);
  RowSet enter_block(Columns keys, RowSet rows, std::uint32_t now_seconds);
  void touch(Slot slot, std::uint32_t now_seconds);
  void mark_dirty(Slot slot);
  void read_partials(Frame& frame, RowSet rows);
  void take_before();
  Batch changes();
  void drop_empty_groups();
  std::string write_snapshot(bool full);
  void start_epoch();
  void write_groups(std::span<const Slot> slots, Writer& out);
  void write_bags(std::span<const Slot> slots, bool full, Writer& out);
  std::vector<Slot> used_slots() const;

  GroupTableSpec spec_;
  KeyIndex index_;
  AggregateState state_;
  std::optional<AggregateState> partials_;

  // The batch at hand. Groups are touched once a batch, or, where nobody asks for the touched ones, once
  // a snapshot.
  std::uint32_t batch_ = 1;  // not that of an empty header
  PodArray<Slot> slots_;
  PodArray<std::int8_t> weights_;
  bool has_weights_ = false;
  std::vector<Slot> touched_;
  std::vector<std::uint8_t> existed_;
  std::size_t taken_ = 0;  // touched groups of which `before_` is taken
  std::vector<Slot> added_;
  std::vector<std::uint32_t> kept_rows_;
  std::vector<ColumnBuilder> before_;

  // Changes since the last snapshot.
  bool tracks_ = false;
  std::uint32_t epoch_ = 1;
  std::vector<Slot> dirty_;
  Writer gone_;
  std::uint64_t gone_count_ = 0;
};

}  // namespace flott
