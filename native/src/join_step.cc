// Pairs are found without the further condition, in one pass with prefetching; counts of matches
// follow once the condition is known.
#include "flott/join_step.h"

#include <algorithm>
#include <cassert>

namespace flott {
namespace {

constexpr std::size_t kBlock = 64;

}  // namespace

JoinStep::JoinStep(RowStore& own, RowStore& other, std::shared_ptr<Frame> frame, std::vector<Slot> slots,
                   std::vector<std::int8_t> kinds, const JoinShape& shape, std::int64_t now_ms)
    : own_(own), other_(other), frame_(std::move(frame)), kinds_(std::move(kinds)), shape_(shape) {
  own_.expire(now_ms);
  other_.expire(now_ms);
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
    for (std::size_t i = 0; i < size; ++i) {
      const auto at = static_cast<std::uint32_t>(first + i);
      if (by_time) walk_times(starts[i], at, times[at]); else walk(starts[i], at);
    }
  }
}

Batch JoinStep::candidates() {
  out_own_.resize(partners_.size());
  for (std::size_t i = 0; i < partners_.size(); ++i) out_own_[i] = change(probes_[i]).source;
  out_other_ = partners_;
  const JoinResult result = shape_.result;
  shape_.result = JoinResult::kPairs;
  Batch batch = materialize();
  shape_.result = result;
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

Batch JoinStep::finish(const std::uint8_t* mask) {
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
  Batch batch;
  if (!out_own_.empty()) batch = materialize();
  if (has_kinds_) {
    ColumnBuilder kinds(ColumnType{"c", "kind", {}});
    std::memcpy(kinds.extend<std::int8_t>(static_cast<std::int64_t>(out_kinds_.size())), out_kinds_.data(),
                out_kinds_.size());
    batch.add(std::move(kinds));
  }
  own_.release_dead();
  return batch;
}

std::vector<Slot> JoinStep::emptied() {
  std::vector<Slot> slots = own_.take_emptied();
  const std::vector<Slot> more = other_.take_emptied();
  slots.insert(slots.end(), more.begin(), more.end());
  std::erase_if(slots, [&](Slot slot) { return own_.head(slot) != kNoRow || other_.head(slot) != kNoRow; });
  return slots;
}

// --- columns of the result

void gather_frame(const Column& column, std::span<const std::uint32_t> sources, ColumnBuilder& out) {
  const auto is_missing = [&](std::uint32_t source) { return source == kNoRow || !column.is_valid(source); };
  if (column.storage == Storage::kNull) {
    for (std::size_t i = 0; i < sources.size(); ++i) out.push_null();
    return;
  }
  if (column.storage == Storage::kBytes) {
    if (out.type().is_nested()) {
      for (const std::uint32_t source : sources) {
        if (is_missing(source)) out.push_null(); else out.push_bytes(column.bytes(source));
      }
      return;
    }
    const std::int64_t first = out.length();
    ArrowView* const entries = out.extend<ArrowView>(static_cast<std::int64_t>(sources.size()));
    for (std::size_t i = 0; i < sources.size(); ++i) {
      ArrowView entry{};
      if (is_missing(sources[i])) {
        out.set_null(first + static_cast<std::int64_t>(i));
      } else if (const std::string_view bytes = column.bytes(sources[i]); bytes.size() <= kInlineBytesMax) {
        entry = column.entry(sources[i]);
      } else {
        entry.size = static_cast<std::int32_t>(bytes.size());
        std::memcpy(entry.prefix, bytes.data(), sizeof entry.prefix);
        out.keep_long(bytes, entry);
      }
      std::memcpy(entries + i, &entry, sizeof entry);
    }
    return;
  }
  with_type(column.storage, [&](auto zero) {
    using T = decltype(zero);
    const T* const values = column.values<T>();
    const std::int64_t first = out.length();
    T* const to = out.extend<T>(static_cast<std::int64_t>(sources.size()));
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const bool missing = is_missing(sources[i]);
      T value{};
      if (!missing) std::memcpy(&value, values + sources[i], sizeof value);
      std::memcpy(to + i, &value, sizeof value);
      if (missing) out.set_null(first + static_cast<std::int64_t>(i));
    }
  });
}

void gather_changes(const RowStore& store, Frame& frame, std::size_t column,
                    std::span<const std::uint32_t> sources, ColumnBuilder& out) {
  const Column& values = frame.column(column);
  const auto is_stored = [](std::uint32_t source) { return source != kNoRow && source & kFromStore; };
  std::vector<RowId> ids;
  for (std::size_t first = 0; first < sources.size();) {
    const bool from_store = is_stored(sources[first]);
    std::size_t last = first + 1;
    while (last < sources.size() && is_stored(sources[last]) == from_store) ++last;
    const auto run = sources.subspan(first, last - first);
    if (from_store) {
      ids.clear();
      for (const std::uint32_t source : run) ids.push_back(source & ~kFromStore);
      store.table().gather(column, ids, out);
    } else {
      gather_frame(values, run, out);
    }
    first = last;
  }
}

Batch JoinStep::materialize() {
  std::vector<ColumnBuilder> own, other;
  const bool is_pairs = shape_.result == JoinResult::kPairs;
  const auto add = [](std::vector<ColumnBuilder>& to, const std::vector<ColumnType>& types, std::size_t from) {
    for (std::size_t i = 0; i < types.size(); ++i) {
      ColumnType type = types[i];
      type.name = numbered_name(from + i);
      to.emplace_back(std::move(type));
    }
  };
  const std::vector<ColumnType>& own_types = own_.table().types();
  const std::vector<ColumnType>& other_types = other_.table().types();
  if (is_pairs || shape_.own_is_left) add(own, own_types, shape_.own_is_left ? 0 : other_types.size());
  if (is_pairs || !shape_.own_is_left) add(other, other_types, shape_.own_is_left ? own_types.size() : 0);
  const std::size_t count = out_own_.size();
  for (ColumnBuilder& column : own) column.reserve(static_cast<std::int64_t>(count));
  for (ColumnBuilder& column : other) column.reserve(static_cast<std::int64_t>(count));
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t size = std::min(kBlock, count - first);
    const std::span<const RowId> ids(out_other_.data() + first, size);
    if (!other.empty()) other_.table().prefetch(ids);
    for (std::size_t c = 0; c < own.size(); ++c) gather_changes(own_, *frame_, c, {out_own_.data() + first, size}, own[c]);
    for (std::size_t c = 0; c < other.size(); ++c) other_.table().gather(c, ids, other[c]);
  }
  Batch batch;
  std::vector<ColumnBuilder>& left = shape_.own_is_left ? own : other;
  std::vector<ColumnBuilder>& right = shape_.own_is_left ? other : own;
  for (ColumnBuilder& column : left) batch.add(std::move(column));
  for (ColumnBuilder& column : right) batch.add(std::move(column));
  return batch;
}

}  // namespace flott
