// One batch of one side of a join: keeps its rows, finds their partners on the other side, and says
// what the join's result changes by.
//
//   JoinStep step(own, other, frame, slots, kinds, shape, now);   rows kept, pairs found
//   step.candidates()                                             the pairs, for a further condition
//   step.finish(mask)                                             the changes of the result are known
//   step.take(rows)                                               the next so many of them
//
// Changes come in the order of the batch; rows of the other side that lose their NULLs stand before
// the pairs, rows that get NULLs again after them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "flott/column_builder.h"
#include "flott/row_store.h"

namespace flott {

enum class JoinResult : std::uint8_t {
  kPairs,  // left columns, then right columns
  kSemi,   // left rows with a partner
  kAnti    // left rows without one
};

// What columns of a pair must fulfil besides their keys; columns are numbered left columns first, and
// hold numbers of one type with a sign. NULL fulfils nothing.
struct Comparison {
  enum class Operator : std::uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  std::uint32_t first;
  Operator is;
  std::uint32_t second;
};

struct JoinShape {
  JoinResult result = JoinResult::kPairs;
  bool own_is_left = true;
  bool pads_own = false;     // rows of this side without a partner come with NULLs
  bool pads_other = false;
  bool is_final = false;     // nothing is taken back: NULLs are added when the join says so
  bool keeps_rows = true;    // the other side may still bring rows
  bool keeps_kinds = false;  // a result has the kind of its row, come what may
  // A join by time: a partner's time lies between own + lower and own + upper.
  int time_column = -1;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t keep_after = INT64_MIN;  // rows of an earlier or equal time need not be kept
  std::vector<Comparison> comparisons;
  // Columns of the result of pairs, numbered likewise; all of them if there are none here.
  std::vector<std::uint32_t> outputs;
};

class JoinStep {
 public:
  JoinStep(RowStore& own, RowStore& other, std::shared_ptr<Frame> frame, std::vector<Slot> slots,
           std::vector<std::int8_t> kinds, const JoinShape& shape, std::int64_t now_ms);
  JoinStep(const JoinStep&) = delete;
  JoinStep& operator=(const JoinStep&) = delete;

  std::size_t pairs() const { return partners_.size(); }
  // Left columns, then right columns of each pair.
  Batch candidates();
  // Whether the result is the pairs that fulfil the condition, and nothing else: then the candidates
  // are all there is to do.
  bool is_plain() const;
  // `mask` has a byte for each pair, 0 where the condition fails; null if all pass. The result has
  // a last column `kind` unless all rows are inserts; no columns if there are no rows.
  void finish(const std::uint8_t* mask);
  bool has_kinds() const { return has_kinds_; }
  // Changes that have not been taken.
  std::size_t rows_left() const { return out_own_.size() - taken_; }
  // With the last ones the rows that have gone are released.
  Batch take(std::size_t most);
  // Slots that no row of either side has any more.
  std::vector<Slot> emptied();

 private:
  bool counts_own() const;
  bool counts_other() const;
  void keep_rows(const std::vector<Slot>& slots, std::int64_t now_ms);
  void find_partners(const std::vector<Slot>& slots);
  void walk(RowId head, std::uint32_t change);
  void walk_times(RowId tail, std::uint32_t change, std::int64_t time);
  void read_comparisons();
  void drop_unequal(std::size_t first);
  void apply_mask(const std::uint8_t* mask);
  void count_matches();
  std::size_t change_count() const { return has_changes_ ? changes_.size() : static_cast<std::size_t>(frame_->rows()); }
  Change change(std::size_t index) const;
  void emit(std::uint32_t own, RowId other, std::int8_t kind, std::int64_t times = 1);
  void emit_transitions(bool gains_partner);
  void emit_own();
  void emit_own_pairs(const Change& change, std::size_t first, std::size_t last);
  // The columns of changes `first` to `last`.
  Batch materialize(std::size_t first, std::size_t last);

  // A column of a pair: that of this side's row or of its partner.
  struct Operand {
    bool is_own;
    std::uint32_t column;
    const Column* values = nullptr;  // of the batch
  };
  struct Compared {
    Operand first;
    Comparison::Operator is;
    Operand second;
  };
  Operand operand(std::uint32_t number) const;
  bool read(const Operand& operand, std::uint32_t source, RowId partner, std::int64_t& value) const;
  bool fulfils(std::uint32_t source, RowId partner) const;

  struct Transition {
    RowId row;
    std::uint32_t before;
    std::uint32_t first_change;
  };
  static constexpr std::uint32_t kNothing = 0xFFFFFFFFu;

  RowStore& own_;
  RowStore& other_;
  std::shared_ptr<Frame> frame_;
  std::vector<std::int8_t> kinds_;
  JoinShape shape_;
  std::vector<Compared> compared_;
  bool has_changes_ = false;     // if not, every row of the batch is an insert, stored_ holds its id
  std::vector<Change> changes_;
  std::vector<RowId> stored_;
  std::vector<std::uint32_t> probes_;   // change of each pair, ascending
  std::vector<RowId> partners_;
  std::vector<Transition> transitions_;

  bool has_kinds_ = false;
  std::vector<std::uint32_t> out_own_;  // row of the batch, row of the store (kFromStore), kNothing
  std::vector<RowId> out_other_;
  std::vector<std::int8_t> out_kinds_;
  std::size_t taken_ = 0;
};

// Adds the values of rows `sources` of a frame's column: kNoRow gives NULL.
void gather_frame(const Column& column, std::span<const std::uint32_t> sources, ColumnBuilder& out);
// The same where some sources (kFromStore) are rows of the store.
void gather_changes(const RowStore& store, Frame& frame, std::size_t column,
                    std::span<const std::uint32_t> sources, ColumnBuilder& out);

}  // namespace flott
