// Accumulators of many groups, a fixed number of bytes for each slot.
//
//   state row    header | when it was touched, if groups expire | fixed part of accumulator 0 | of 1 | ...
//
// Rows of state stand next to each other, so that a group costs one or two cache misses, however many
// aggregates there are. What does not fit into a fixed part (strings, lists, ordered multisets) is
// behind an owning pointer in it. Sets of distinct values are shared by the calls that look at the
// same columns and have an index of their own (value_bag.h).
//
// All-zero bytes are the state of an empty group. Weights are +1 for rows that come and -1 for rows
// that go; without weights all rows come.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/key_index.h"
#include "flott/pod_array.h"

namespace flott {

struct GroupHeader {
  std::int64_t rows;      // that have come less those that have gone
  std::uint32_t batch;    // the last batch that touched the group
  std::uint32_t epoch;    // the last snapshot interval in which it changed
};

struct AggregateSpec {
  std::string function;
  int argument = -1;   // column of the input; -1: rows are counted
  int filter = -1;     // Boolean column of the input
  int distinct = -1;   // number of the set of distinct values that passes each value once
  bool retracts = false;
  bool keeps_nulls = false;
  ColumnType input;
  ColumnType result;
};

// Rows of a batch: `slots` and `weights` are indexed by row.
struct GroupRows {
  RowSet rows;
  const Slot* slots;
  const std::int8_t* weights;  // null: all +1
};

class StateRows {
 public:
  char* at(Slot slot) { return bytes_.data() + std::size_t{slot} * stride_; }
  const char* at(Slot slot) const { return bytes_.data() + std::size_t{slot} * stride_; }
  GroupHeader& header(Slot slot) { return *reinterpret_cast<GroupHeader*>(at(slot)); }
  const GroupHeader& header(Slot slot) const { return *reinterpret_cast<const GroupHeader*>(at(slot)); }
  // Of groups that expire.
  std::uint32_t& seconds(Slot slot) { return *reinterpret_cast<std::uint32_t*>(at(slot) + sizeof(GroupHeader)); }
  std::uint32_t seconds(Slot slot) const {
    return *reinterpret_cast<const std::uint32_t*>(at(slot) + sizeof(GroupHeader));
  }
  void prefetch(Slot slot) const {
    const char* const row = at(slot);
    for (std::size_t offset = 0; offset < stride_; offset += 64) __builtin_prefetch(row + offset, 1);
    __builtin_prefetch(row + stride_ - 1, 1);  // it may begin in the middle of a line
  }
  std::size_t stride() const { return stride_; }
  std::size_t count() const { return stride_ ? bytes_.size() / stride_ : 0; }
  std::size_t memory_bytes() const { return bytes_.bytes(); }
  void set_stride(std::size_t stride) { stride_ = stride; }
  void reserve(std::size_t slots) {
    const std::size_t before = bytes_.size();
    if (slots * stride_ <= before) return;
    bytes_.resize(slots * stride_);
    std::memset(bytes_.data() + before, 0, bytes_.size() - before);
  }

 private:
  std::size_t stride_ = sizeof(GroupHeader);
  PodArray<char> bytes_;
};

class Accumulator {
 public:
  virtual ~Accumulator() = default;

  virtual std::size_t fixed_bytes() const = 0;
  virtual void update(StateRows& state, const Column& column, const GroupRows& group) = 0;
  // Adds the state of `from_slot` in `from`, which has the same accumulators.
  virtual void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) = 0;
  virtual void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const = 0;
  // Frees what the fixed part owns; it is set to zero afterwards.
  virtual bool owns_memory() const { return false; }
  virtual void clear(StateRows&, Slot) {}
  virtual void write(const StateRows& state, Slot slot, Writer& out) const {
    out.raw(state.at(slot) + offset, fixed_bytes());
  }
  virtual void read(StateRows& state, Slot slot, Reader& in) {
    std::memcpy(state.at(slot) + offset, in.raw(fixed_bytes()), fixed_bytes());
  }

  std::size_t offset = 0;
  AggregateSpec spec;

 protected:
  template <typename T>
  T& fixed(StateRows& state, Slot slot) const {
    return *reinterpret_cast<T*>(state.at(slot) + offset);
  }
  template <typename T>
  const T& fixed(const StateRows& state, Slot slot) const {
    return *reinterpret_cast<const T*>(state.at(slot) + offset);
  }
};

std::unique_ptr<Accumulator> make_numeric_accumulator(const AggregateSpec& spec);  // or null
std::unique_ptr<Accumulator> make_value_accumulator(const AggregateSpec& spec);
std::unique_ptr<Accumulator> make_list_accumulator(const AggregateSpec& spec);

class ValueBag;

class AggregateState {
 public:
  // `bags` are the column numbers of each set of distinct values, and its filters (-1: none).
  struct BagSpec {
    std::vector<int> columns;
    std::vector<int> filters;
    bool retracts = false;
  };
  AggregateState(std::vector<AggregateSpec> specs, std::vector<BagSpec> bags,
                 const std::vector<ColumnType>& input, bool expires = false);
  ~AggregateState();

  StateRows& rows() { return rows_; }
  const StateRows& rows() const { return rows_; }
  const std::vector<std::unique_ptr<Accumulator>>& accumulators() const { return accumulators_; }

  void reserve(std::size_t slots);
  // Adds rows of a batch; headers are the caller's.
  void update(Frame& frame, const GroupRows& group);
  // Adds the groups `from_slots` of `from` to `slots`, one by one, headers' rows included.
  void merge(std::span<const Slot> slots, AggregateState& from, std::span<const Slot> from_slots);
  void results(std::span<const Slot> slots, std::span<ColumnBuilder> out) const;
  void clear(Slot slot);

  void write(Slot slot, Writer& out) const;   // all but what sets of distinct values hold
  void read(Slot slot, Reader& in);
  // Sets of distinct values: those of one slot, or what changed since the last snapshot.
  void write_bags(Slot slot, Writer& out);
  void read_bags(Slot slot, Reader& in);
  std::span<const std::unique_ptr<ValueBag>> bags() const { return bags_; }

  std::vector<ColumnBuilder> new_results() const;
  std::size_t memory_bytes() const;

 private:
  void update_filtered(Frame& frame, const GroupRows& group);
  void update_distinct(Frame& frame, const GroupRows& group);
  void merge_bag(std::size_t bag, std::span<const Slot> slots, AggregateState& from,
                 std::span<const Slot> from_slots);
  RowSet passing(Frame& frame, int filter, RowSet rows, std::vector<std::uint32_t>& out);

  std::vector<std::unique_ptr<Accumulator>> accumulators_;
  std::vector<BagSpec> bag_specs_;
  std::vector<std::unique_ptr<ValueBag>> bags_;
  StateRows rows_;
  bool owns_memory_ = false;
  bool expires_;
  // The bag and the filter within it that a distinct accumulator follows.
  struct Distinct { std::size_t accumulator; std::size_t bag; std::size_t filter; };
  std::vector<Distinct> distincts_;
  std::vector<std::uint32_t> selected_;
  std::vector<std::uint32_t> passed_;
  PodArray<std::int8_t> passed_weights_;
};

// Calls body(row) for every row.
template <typename Body>
void each_row(RowSet rows, Body body) {
  if (rows.rows) {
    for (std::int64_t i = 0; i < rows.count; ++i) body(static_cast<std::int64_t>(rows.rows[i]));
  } else {
    for (std::int64_t i = 0; i < rows.count; ++i) body(rows.first + i);
  }
}

// Calls body(row, weight) for every row that is not NULL in `column`.
template <typename Body>
void each_value(const Column& column, const GroupRows& group, Body body) {
  const bool has_nulls = column.has_nulls() || column.storage == Storage::kNull;
  const std::int8_t* const weights = group.weights;
  if (!has_nulls && !weights) return each_row(group.rows, [&](std::int64_t row) { body(row, 1); });
  each_row(group.rows, [&](std::int64_t row) {
    if (!has_nulls || column.is_valid(row)) body(row, weights ? weights[row] : 1);
  });
}

}  // namespace flott
