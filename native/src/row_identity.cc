// Rows found by the columns that identify them. The table has row ids only; the hash of a row stands in
// its header, so that growing the table reads no values.
#include <algorithm>

#include "flott/column_hash.h"
#include "flott/row_store.h"

namespace flott {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kIndexMin = 16;

bool equal_in_frame(Frame& frame, std::size_t first, std::size_t second, std::span<const std::uint32_t> positions) {
  const auto a = static_cast<std::int64_t>(first), b = static_cast<std::int64_t>(second);
  for (const std::uint32_t position : positions) {
    const Column& column = frame.column(position);
    if (column.is_valid(a) != column.is_valid(b)) return false;
    if (!column.is_valid(a)) continue;
    if (column.storage == Storage::kBytes) {
      if (column.bytes(a) != column.bytes(b)) return false;
      continue;
    }
    const bool is_equal = with_type(column.storage, [&](auto zero) {
      const auto* const values = column.values<decltype(zero)>();
      return std::memcmp(values + a, values + b, sizeof zero) == 0;
    });
    if (!is_equal) return false;
  }
  return true;
}

}  // namespace

std::vector<std::uint64_t> RowStore::identity_hashes(Frame& frame, std::size_t count) {
  std::vector<std::uint64_t> hashes(options_.identity.empty() ? 0 : count);
  if (hashes.empty()) return hashes;
  std::vector<const Column*> columns;
  for (const std::uint32_t position : options_.identity) columns.push_back(&frame.column(position));
  hash_rows(columns, 0, static_cast<std::int64_t>(count), hashes.data());
  return hashes;
}

std::uint32_t RowStore::identity_hash(Slot slot, std::uint64_t columns_hash) const {
  return static_cast<std::uint32_t>(mix64(columns_hash + slot * 0x9E3779B97F4A7C15ULL));
}

bool RowStore::is_same(RowId id, Frame& frame, std::size_t source) {
  const std::uint32_t stamp = extra(id).stamp;
  const bool is_pending = stamp < touched_.size() && touched_[stamp].row == id && touched_[stamp].is_new;
  if (!is_pending) return table_.equals(id, frame, source, options_.identity);
  return equal_in_frame(frame, source, touched_[stamp].source, options_.identity);
}

// A -U that comes after the row which replaced its own (they came by different ways) is no news.
bool RowStore::is_outdated(const Touched& touched, Frame& frame, std::uint32_t source, std::int8_t kind) {
  if (!options_.is_unique || kind != kUpdateBefore) return false;
  if (touched.source != kNoSource) return !equal_in_frame(frame, source, touched.source, all_columns_);
  return !table_.equals(touched.row, frame, source, all_columns_);
}

RowId RowStore::find(Slot slot, std::uint32_t hash, Frame& frame, std::size_t source) {
  if (options_.identity.empty()) return head(slot);
  if (!index_.size()) return kNoRow;
  const std::size_t mask = index_.size() - 1;
  for (std::size_t at = hash & mask; index_[at] != kNoRow; at = (at + 1) & mask) {
    const RowId id = index_[at];
    if (extra(id).hash == hash && core(id).slot == slot && is_same(id, frame, source)) return id;
  }
  return kNoRow;
}

void RowStore::table_grow() {
  PodArray<RowId> old;
  old.resize(std::max(kIndexMin, index_.size() * 2), kNoRow);
  old.swap(index_);
  const std::size_t mask = index_.size() - 1;
  for (const RowId id : old) {
    if (id == kNoRow) continue;
    std::size_t at = extra(id).hash & mask;
    while (index_[at] != kNoRow) at = (at + 1) & mask;
    index_[at] = id;
  }
}

void RowStore::table_insert(RowId id) {
  if (options_.identity.empty()) return;
  if ((indexed_ + 1) * 8 > index_.size() * 5) table_grow();
  const std::size_t mask = index_.size() - 1;
  std::size_t at = extra(id).hash & mask;
  while (index_[at] != kNoRow) at = (at + 1) & mask;
  index_[at] = id;
  ++indexed_;
}

void RowStore::table_replace(RowId old_id, RowId new_id) {
  if (options_.identity.empty()) return;
  const std::size_t mask = index_.size() - 1;
  std::size_t at = extra(old_id).hash & mask;
  while (index_[at] != old_id) at = (at + 1) & mask;
  index_[at] = new_id;
}

void RowStore::table_remove(RowId id) {
  if (options_.identity.empty()) return;
  const std::size_t mask = index_.size() - 1;
  std::size_t at = extra(id).hash & mask;
  while (index_[at] != id) at = (at + 1) & mask;
  // What follows moves up where its own place allows it.
  for (std::size_t next = (at + 1) & mask; index_[next] != kNoRow; next = (next + 1) & mask) {
    const std::size_t home = extra(index_[next]).hash & mask;
    if (((next - home) & mask) < ((next - at) & mask)) continue;
    index_[at] = index_[next];
    at = next;
  }
  index_[at] = kNoRow;
  --indexed_;
}

void RowStore::restore_identity(Frame& frame, std::span<const RowId> ids) {
  if (!options_.has_identity || options_.identity.empty()) return;
  const std::vector<std::uint64_t> hashes = identity_hashes(frame, ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == kNoRow) continue;
    extra(ids[i]).hash = identity_hash(core(ids[i]).slot, hashes[i]);
    table_insert(ids[i]);
  }
}

void RowStore::restore_counts(Frame& frame, std::span<const RowId> ids, const std::uint32_t* copies,
                              const std::uint32_t* matches, const std::int64_t* touched) {
  if (!options_.is_tracked) return;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == kNoRow) continue;
    extra(ids[i]).copies = copies[i];
    if (!options_.is_lean) extra(ids[i]).matches = matches[i];
    // The queue finds out that the row was written later than at 0 when it comes to it.
    if (options_.ttl_ms) touched_ms(ids[i]) = touched[i];
  }
  restore_identity(frame, ids);
}

// What finding and linking rows of these slots will look at.
void RowStore::prefetch_rows(std::span<const Slot> slots, const std::uint64_t* hashes) const {
  const std::size_t mask = index_.size() - 1;
  const bool uses_index = hashes && index_.size();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    prefetch_slot(slots[i]);
    if (uses_index) __builtin_prefetch(&index_[identity_hash(slots[i], hashes[i]) & mask]);
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const RowId last = tail(slots[i]);
    if (last != kNoRow) __builtin_prefetch(table_.row(last));
    const RowId found = uses_index ? index_[identity_hash(slots[i], hashes[i]) & mask] : kNoRow;
    if (found != kNoRow) __builtin_prefetch(table_.row(found));
  }
}

void RowStore::apply(Frame& frame, std::span<const Slot> slots, const std::int8_t* kinds, std::int64_t now_ms,
                     std::vector<Change>& out) {
  table_.check(frame);
  const std::size_t count = slots.size();
  const std::vector<std::uint64_t> hashes = identity_hashes(frame, count);
  std::vector<std::uint32_t> marks(count, kDirect);
  touched_.clear();
  pending_rows_.clear();
  pending_sources_.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i % kBlock == 0) {
      prefetch_rows(slots.subspan(i, std::min(kBlock, count - i)), hashes.empty() ? nullptr : &hashes[i]);
    }
    const Slot slot = slots[i];
    if (slot == kNoSlot) continue;
    const std::int8_t kind = kinds ? kinds[i] : std::int8_t{kInsert};
    const bool comes = is_accumulate(kind);
    const std::uint32_t hash = hashes.empty() ? 0 : identity_hash(slot, hashes[i]);
    RowId id = find(slot, hash, frame, i);
    if (id == kNoRow) {
      if (!comes) continue;  // it was never here, or its time to live is over
      id = table_.allocate();
      extra(id).hash = hash;
      extra(id).stamp = static_cast<std::uint32_t>(touched_.size());
      touched_.push_back({id, 0, i, i, kind, true});
      start(id, slot, now_ms);
      table_insert(id);
      marks[i] = extra(id).stamp;
      continue;
    }
    Extra& at = extra(id);
    if (at.stamp >= touched_.size() || touched_[at.stamp].row != id) {
      at.stamp = static_cast<std::uint32_t>(touched_.size());
      touched_.push_back({id, at.copies, kNoSource, i, kind, false});
    }
    Touched& touched = touched_[at.stamp];
    if (!comes && at.copies == 0) continue;
    if (!comes && is_outdated(touched, frame, i, kind)) {
      marks[i] = kIgnored;
      continue;
    }
    if (comes && at.copies > 0 && options_.newest_by >= 0) {
      const auto column = static_cast<std::size_t>(options_.newest_by);
      const std::int64_t* const times = frame.column(column).values<std::int64_t>();
      const std::int64_t kept = touched.source == kNoSource ? table_.integer(id, column) : times[touched.source];
      if (times[i] < kept) {
        marks[i] = kIgnored;
        continue;
      }
    }
    if (comes) touched.source = i;
    at.copies = options_.is_unique ? (comes ? 1 : 0) : at.copies + (comes ? 1 : -1);
    touched.last = i;
    touched.kind = kind;
    marks[i] = at.stamp;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int8_t kind = kinds ? kinds[i] : std::int8_t{kInsert};
    if (marks[i] == kDirect) {
      out.push_back({i, kNoRow, is_accumulate(kind) ? 1 : -1, kind});
    } else if (marks[i] != kIgnored && touched_[marks[i]].last == i) {
      report(touched_[marks[i]], frame, now_ms, out);
    }
  }
  table_.write(frame, pending_rows_, pending_sources_.data());
  touched_.clear();
}

// What a row that the batch touched has come to, at the place of the last change to it.
void RowStore::report(const Touched& touched, Frame& frame, std::int64_t now_ms, std::vector<Change>& out) {
  const RowId id = touched.row;
  const std::uint32_t after = extra(id).copies;
  const auto weight = static_cast<std::int32_t>(after) - static_cast<std::int32_t>(touched.before);
  const bool ends_with_insert = is_accumulate(touched.kind);
  if (after == 0) {
    table_remove(id);
    extra(id).copies = 1;
    forget(id);
    dead_.push_back(id);
    if (touched.is_new) return;
    const std::uint32_t source = options_.is_unique ? (id | kFromStore) : touched.last;
    out.push_back({source, id, weight, ends_with_insert ? std::int8_t{kDelete} : touched.kind});
    return;
  }
  if (touched.is_new) {
    pending_rows_.push_back(id);
    pending_sources_.push_back(touched.source);
    out.push_back({touched.source, id, weight, ends_with_insert ? touched.kind : std::int8_t{kInsert}});
    return;
  }
  touch(id, now_ms);
  if (options_.is_unique) {
    if (touched.source == kNoSource || table_.equals(id, frame, touched.source, all_columns_)) return;
    const RowId new_id = replace(touched, now_ms);
    out.push_back({id | kFromStore, id, -1, kUpdateBefore});
    out.push_back({touched.source, new_id, 1, kUpdateAfter});
    return;
  }
  if (weight == 0) return;
  const bool is_kind_right = ends_with_insert == (weight > 0);
  const std::int8_t plain = weight > 0 ? kInsert : kDelete;
  out.push_back({touched.last, id, weight, is_kind_right ? touched.kind : plain});
}

// The row of a unique key gets other values: a new one takes its place, the old one stays readable.
RowId RowStore::replace(const Touched& touched, std::int64_t now_ms) {
  const RowId id = touched.row;
  const RowId new_id = table_.allocate();
  const Slot slot = core(id).slot;
  extra(new_id).hash = extra(id).hash;
  start(new_id, slot, now_ms);
  table_replace(id, new_id);
  forget(id);
  dead_.push_back(id);
  pending_rows_.push_back(new_id);
  pending_sources_.push_back(touched.source);
  return new_id;
}

}  // namespace flott
