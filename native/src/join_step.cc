// Pairs are found without the further condition, in one pass with prefetching; counts of matches
// follow once the condition is known.
#include "flott/join_step.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace flott {
namespace {

constexpr std::size_t kBlock = 64;

}  // namespace

JoinStep::JoinStep(RowStore& own, RowStore& other, std::shared_ptr<Frame> frame, std::vector<Slot> slots,
                   std::vector<std::int8_t> kinds, const JoinShape& shape, std::int64_t now_ms)
    : own_(own), other_(other), frame_(std::move(frame)), kinds_(std::move(kinds)), shape_(shape) {
  own_.expire(now_ms);
  other_.expire(now_ms);
  read_comparisons();
  keep_rows(slots, now_ms);
  find_partners(slots);
}

bool JoinStep::counts_own() const {
  return shape_.keeps_rows && (shape_.result == JoinResult::kPairs ? shape_.pads_own : shape_.own_is_left);
}

bool JoinStep::counts_other() const {
  return shape_.result == JoinResult::kPairs ? shape_.pads_other : !shape_.own_is_left;
}

void JoinStep::keep_rows(const std::vector<Slot>& slots, std::int64_t now_ms) {
  const std::size_t count = slots.size();
  has_changes_ = !kinds_.empty() || own_.options().has_identity;
  if (shape_.keeps_rows && own_.options().has_identity) {
    own_.apply(*frame_, slots, kinds_.empty() ? nullptr : kinds_.data(), now_ms, changes_);
    return;
  }
  stored_.assign(count, kNoRow);
  if (shape_.keeps_rows && shape_.keep_after != INT64_MIN) {
    const auto* const times = frame_->column(static_cast<std::size_t>(shape_.time_column)).values<std::int64_t>();
    std::vector<Slot> kept(slots);
    for (std::size_t i = 0; i < count; ++i) {
      if (times[i] <= shape_.keep_after) kept[i] = kNoSlot;
    }
    own_.append(*frame_, kept, now_ms, stored_.data());
  } else if (shape_.keeps_rows) {
    own_.append(*frame_, slots, now_ms, stored_.data());
  }
  if (!has_changes_) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int8_t kind = kinds_.empty() ? std::int8_t{kInsert} : kinds_[i];
    changes_.push_back({i, stored_[i], is_accumulate(kind) ? 1 : -1, kind});
  }
}

Change JoinStep::change(std::size_t index) const {
  if (has_changes_) return changes_[index];
  return {static_cast<std::uint32_t>(index), stored_[index], 1, kInsert};
}

void JoinStep::walk(RowId id, std::uint32_t change) {
  for (; id != kNoRow; id = other_.next(id)) {
    probes_.push_back(change);
    partners_.push_back(id);
  }
}

// In order of time; the rows wanted are mostly the last ones.
void JoinStep::walk_times(RowId id, std::uint32_t change, std::int64_t time) {
  const std::int64_t lower = time + shape_.lower, upper = time + shape_.upper;
  while (id != kNoRow && other_.time(id) > upper) id = other_.previous(id);
  const std::size_t first = partners_.size();
  for (; id != kNoRow && other_.time(id) >= lower; id = other_.previous(id)) {
    probes_.push_back(change);
    partners_.push_back(id);
  }
  std::reverse(partners_.begin() + static_cast<std::ptrdiff_t>(first), partners_.end());
}

void JoinStep::find_partners(const std::vector<Slot>& slots) {
  const std::size_t count = change_count();
  const bool by_time = shape_.time_column >= 0;
  const std::int64_t* const times =
      by_time ? frame_->column(static_cast<std::size_t>(shape_.time_column)).values<std::int64_t>() : nullptr;
  Slot block[kBlock];
  RowId starts[kBlock];
  probes_.reserve(count);
  partners_.reserve(count);
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    for (std::size_t i = 0; i < size; ++i) {
      if (has_changes_) {
        const Change& at = changes_[first + i];
        block[i] = at.source & kFromStore ? own_.slot(at.stored) : slots[at.source];
      } else {
        block[i] = slots[first + i];
      }
      other_.prefetch_slot(block[i]);
    }
    for (std::size_t i = 0; i < size; ++i) {
      starts[i] = by_time ? other_.tail(block[i]) : other_.head(block[i]);
      if (starts[i] != kNoRow) __builtin_prefetch(other_.table().row(starts[i]));
    }
    const std::size_t found = partners_.size();
    for (std::size_t i = 0; i < size; ++i) {
      const auto at = static_cast<std::uint32_t>(first + i);
      if (by_time) walk_times(starts[i], at, times[at]); else walk(starts[i], at);
    }
    if (!compared_.empty()) drop_unequal(found);
  }
}

// --- comparisons

JoinStep::Operand JoinStep::operand(std::uint32_t number) const {
  const std::size_t left = (shape_.own_is_left ? own_ : other_).table().types().size();
  const bool is_left = number < left;
  return {is_left == shape_.own_is_left, is_left ? number : number - static_cast<std::uint32_t>(left)};
}

void JoinStep::read_comparisons() {
  for (const Comparison& each : shape_.comparisons) {
    Compared compared{operand(each.first), each.is, operand(each.second)};
    for (Operand* const at : {&compared.first, &compared.second}) {
      if (!RowTable::is_number((at->is_own ? own_ : other_).table().types().at(at->column))) {
        throw std::invalid_argument("a join compares numbers with a sign");
      }
      if (at->is_own) at->values = &frame_->column(at->column);
    }
    compared_.push_back(compared);
  }
}

// Whether there is a value, and which.
bool JoinStep::read(const Operand& operand, std::uint32_t source, RowId partner, std::int64_t& value) const {
  if (!operand.is_own) return other_.table().read_number(partner, operand.column, value);
  if (source & kFromStore) return own_.table().read_number(source & ~kFromStore, operand.column, value);
  const Column& column = *operand.values;
  if (!column.is_valid(source)) return false;
  switch (column.storage) {
    case Storage::kInt8: value = column.values<std::int8_t>()[source]; break;
    case Storage::kInt16: value = column.values<std::int16_t>()[source]; break;
    case Storage::kInt32: value = column.values<std::int32_t>()[source]; break;
    default: value = column.values<std::int64_t>()[source];
  }
  return true;
}

bool JoinStep::fulfils(std::uint32_t source, RowId partner) const {
  using Operator = Comparison::Operator;
  for (const Compared& each : compared_) {
    std::int64_t a, b;
    if (!read(each.first, source, partner, a) || !read(each.second, source, partner, b)) return false;
    bool is_true = false;
    switch (each.is) {
      case Operator::kEqual: is_true = a == b; break;
      case Operator::kNotEqual: is_true = a != b; break;
      case Operator::kLess: is_true = a < b; break;
      case Operator::kLessOrEqual: is_true = a <= b; break;
      case Operator::kGreater: is_true = a > b; break;
      case Operator::kGreaterOrEqual: is_true = a >= b; break;
    }
    if (!is_true) return false;
  }
  return true;
}

// Of the pairs from `first` on; their rows have just been looked at.
void JoinStep::drop_unequal(std::size_t first) {
  std::size_t kept = first;
  for (std::size_t i = first; i < partners_.size(); ++i) {
    const std::uint32_t source = has_changes_ ? changes_[probes_[i]].source : probes_[i];
    probes_[kept] = probes_[i];
    partners_[kept] = partners_[i];
    kept += fulfils(source, partners_[i]);
  }
  probes_.resize(kept);
  partners_.resize(kept);
}

// --- pairs

Batch JoinStep::candidates() {
  std::vector<std::uint32_t> outputs;
  outputs.swap(shape_.outputs);
  out_own_.resize(partners_.size());
  for (std::size_t i = 0; i < partners_.size(); ++i) out_own_[i] = change(probes_[i]).source;
  out_other_ = partners_;
  const JoinResult result = shape_.result;
  shape_.result = JoinResult::kPairs;
  Batch batch = materialize(0, out_own_.size());
  shape_.result = result;
  shape_.outputs.swap(outputs);
  out_own_.clear();
  out_other_.clear();
  return batch;
}

void JoinStep::apply_mask(const std::uint8_t* mask) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < partners_.size(); ++i) {
    probes_[kept] = probes_[i];
    partners_[kept] = partners_[i];
    kept += mask[i] != 0;
  }
  probes_.resize(kept);
  partners_.resize(kept);
}

void JoinStep::count_matches() {
  const bool counts_own = this->counts_own(), counts_other = this->counts_other();
  if (!counts_own && !counts_other) return;
  std::vector<std::uint32_t> found(counts_own ? change_count() : 0);
  for (std::size_t i = 0; i < partners_.size(); ++i) {
    const RowId partner = partners_[i];
    if (counts_own) found[probes_[i]] += other_.copies(partner);
    if (!counts_other) continue;
    std::uint32_t& stamp = other_.stamp(partner);
    if (stamp >= transitions_.size() || transitions_[stamp].row != partner) {
      stamp = static_cast<std::uint32_t>(transitions_.size());
      transitions_.push_back({partner, other_.matches(partner), probes_[i]});
    }
    const std::int64_t matches = std::int64_t{other_.matches(partner)} + change(probes_[i]).weight;
    // A row that is taken back without ever having come leaves the count at nothing.
    other_.set_matches(partner, static_cast<std::uint32_t>(std::max<std::int64_t>(matches, 0)));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Change at = change(i);
    if (at.weight > 0 && at.stored != kNoRow) own_.set_matches(at.stored, found[i]);
  }
}

void JoinStep::emit(std::uint32_t own, RowId other, std::int8_t kind, std::int64_t times) {
  if (kind != kInsert) has_kinds_ = true;
  for (; times > 0; --times) {
    out_own_.push_back(own);
    out_other_.push_back(other);
    out_kinds_.push_back(kind);
  }
}

// Rows of the other side that have got their first partner, or lost their last.
void JoinStep::emit_transitions(bool gains_partner) {
  for (const Transition& at : transitions_) {
    const bool had = at.before > 0, has = other_.matches(at.row) > 0;
    if (had == has || has != gains_partner) continue;
    const std::uint32_t copies = other_.copies(at.row);
    const std::int8_t cause = change(at.first_change).kind;
    if (shape_.result == JoinResult::kSemi) {
      const bool is_kind_right = is_accumulate(cause) == has;
      const std::int8_t plain = has ? kInsert : kDelete;
      if (has || !shape_.is_final) emit(kNothing, at.row, is_kind_right ? cause : plain, copies);
    } else if (!shape_.is_final) {
      emit(kNothing, at.row, has ? std::int8_t{kDelete} : std::int8_t{kInsert}, copies);
    }
  }
}

void JoinStep::emit_own_pairs(const Change& at, std::size_t first, std::size_t last) {
  const bool comes = at.weight > 0;
  std::int8_t kind = at.kind;
  if (comes && (shape_.pads_own || shape_.pads_other) && !shape_.keeps_kinds) kind = kInsert;
  if (!comes && shape_.pads_own && !shape_.keeps_kinds) kind = kDelete;
  const std::int64_t times = comes ? at.weight : -std::int64_t{at.weight};
  for (std::size_t i = first; i < last; ++i) {
    emit(at.source, partners_[i], kind, times * other_.copies(partners_[i]));
  }
}

void JoinStep::emit_own() {
  const std::size_t count = change_count();
  std::size_t first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t last = first;
    while (last < probes_.size() && probes_[last] == i) ++last;
    const Change at = change(i);
    const std::int64_t times = at.weight > 0 ? at.weight : -std::int64_t{at.weight};
    const bool has_partner = last > first;
    if (shape_.result == JoinResult::kPairs) {
      emit_own_pairs(at, first, last);
      // Where nothing is taken back, a row that is kept may still find a partner.
      const bool may_wait = shape_.is_final && at.stored != kNoRow;
      if (!has_partner && shape_.pads_own && !may_wait) {
        const std::int8_t plain = at.weight > 0 ? kInsert : kDelete;
        emit(at.source, kNoRow, shape_.keeps_kinds ? at.kind : plain, times);
      }
    } else if (shape_.own_is_left && has_partner == (shape_.result == JoinResult::kSemi)) {
      const bool may_wait = shape_.is_final && shape_.result == JoinResult::kAnti && at.stored != kNoRow;
      if (!may_wait) emit(at.source, kNoRow, at.kind, times);
    }
    first = last;
  }
}

bool JoinStep::is_plain() const {
  return shape_.result == JoinResult::kPairs && !has_changes_ && !shape_.pads_own && !shape_.pads_other &&
         !other_.options().has_identity;
}

void JoinStep::finish(const std::uint8_t* mask) {
  if (mask) apply_mask(mask);
  count_matches();
  if (is_plain()) {
    out_own_ = std::move(probes_);
    out_other_ = std::move(partners_);
  } else {
    emit_transitions(true);
    emit_own();
    emit_transitions(false);
  }
  if (out_own_.empty()) own_.release_dead();
}

Batch JoinStep::take(std::size_t most) {
  const std::size_t first = taken_;
  taken_ += std::min(most, rows_left());
  Batch batch = materialize(first, taken_);
  if (has_kinds_) {
    ColumnBuilder kinds(ColumnType{"c", "kind", {}});
    const std::size_t count = taken_ - first;
    std::memcpy(kinds.extend<std::int8_t>(static_cast<std::int64_t>(count)), out_kinds_.data() + first, count);
    batch.add(std::move(kinds));
  }
  if (!rows_left()) own_.release_dead();
  return batch;
}

std::vector<Slot> JoinStep::emptied() {
  std::vector<Slot> slots = own_.take_emptied();
  const std::vector<Slot> more = other_.take_emptied();
  slots.insert(slots.end(), more.begin(), more.end());
  std::erase_if(slots, [&](Slot slot) { return own_.head(slot) != kNoRow || other_.head(slot) != kNoRow; });
  return slots;
}

}  // namespace flott
