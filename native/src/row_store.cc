// A chain is a doubly linked list of row ids (singly linked where rows never go). What finds rows by
// their columns is in row_identity.cc.
#include "flott/row_store.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <stdexcept>

namespace flott {
namespace {

constexpr std::size_t kBlock = 64;
}  // namespace

std::size_t RowStore::header_bytes(const Options& options) {
  if (!options.is_tracked) return offsetof(Core, slot);
  if (options.is_lean) return sizeof(Core) + offsetof(Extra, matches);
  return sizeof(Core) + sizeof(Extra) + (options.ttl_ms ? sizeof(std::int64_t) : 0);
}

RowStore::RowStore(std::vector<ColumnType> types, Options options)
    : options_(std::move(options)),
      table_(std::move(types), header_bytes(options_), options_.ttl_ms ? alignof(std::int64_t) : alignof(Core)),
      queue_(options_.ttl_ms ? 10 : options_.time_shift) {
  const bool needs_tracking = options_.has_identity || options_.sorted_by >= 0 || options_.ttl_ms > 0;
  if (needs_tracking && !options_.is_tracked) throw std::invalid_argument("this row store must track its rows");
  if (options_.is_lean && (needs_tracking || !options_.is_tracked)) {
    throw std::invalid_argument("the rows of a lean store only come and go");
  }
  if (options_.sorted_by >= 0 && options_.ttl_ms > 0) throw std::invalid_argument("a row store by time has no TTL");
  for (std::uint32_t i = 0; i < table_.types().size(); ++i) all_columns_.push_back(i);
  if (options_.has_identity && !options_.is_unique) options_.identity = all_columns_;
}

std::size_t RowStore::memory_bytes() const {
  return table_.memory_bytes() + chains_.bytes() + index_.bytes() +
         queue_.memory_bytes() + dirty_.capacity() * sizeof(RowId);
}

bool RowStore::is_live(RowId id) const { return id < table_.end() && (!options_.is_tracked || extra(id).copies); }

// --- chains

RowStore::Chain& RowStore::chain(Slot slot) {
  if (slot >= chains_.size()) chains_.resize(std::size_t{slot} + 1, kNoChain);
  return chains_[slot];
}

void RowStore::link(RowId id, Slot slot) {
  Chain& at = chain(slot);
  core(id).next = kNoRow;
  if (options_.is_tracked) core(id).slot = slot;
  if (options_.sorted_by >= 0) return link_sorted(id, at);
  if (options_.is_tracked) extra(id).previous = at.tail;
  if (at.tail == kNoRow) at.head = id; else core(at.tail).next = id;
  at.tail = id;
}

// Rows come nearly in order, so the place is looked for from the end.
void RowStore::link_sorted(RowId id, Chain& chain) {
  const std::int64_t own = time(id);
  RowId before = chain.tail;
  while (before != kNoRow && time(before) > own) before = extra(before).previous;
  const RowId after = before == kNoRow ? chain.head : core(before).next;
  extra(id).previous = before;
  core(id).next = after;
  if (before == kNoRow) chain.head = id; else core(before).next = id;
  if (after == kNoRow) chain.tail = id; else extra(after).previous = id;
}

void RowStore::unlink(RowId id) {
  const Core own = core(id);
  const RowId before = extra(id).previous;
  Chain& at = chains_[own.slot];
  if (before == kNoRow) at.head = own.next; else core(before).next = own.next;
  if (own.next == kNoRow) at.tail = before; else extra(own.next).previous = before;
  if (at.head == kNoRow) emptied_.push_back(own.slot);
}

RowId RowStore::latest(Slot slot, std::int64_t limit) const {
  RowId id = tail(slot);
  while (id != kNoRow && time(id) > limit) id = extra(id).previous;
  return id;
}

void RowStore::remove_before(RowId id) {
  for (RowId before = extra(id).previous; before != kNoRow;) {
    const RowId next = extra(before).previous;
    remove(before);
    before = next;
  }
}

void RowStore::remove_equal_times(RowId id) {
  for (RowId before = extra(id).previous; before != kNoRow && time(before) == time(id);) {
    const RowId next = extra(before).previous;
    remove(before);
    before = next;
  }
}

// --- the life of a row

void RowStore::touch(RowId id, std::int64_t now_ms) {
  if (options_.ttl_ms) touched_ms(id) = now_ms;
  mark_dirty(id);
}

void RowStore::mark_dirty(RowId id) {
  if (!keeps_dirty_ || !options_.is_tracked) return;
  if (id >= is_dirty_.size()) is_dirty_.resize(std::max<std::size_t>(table_.end(), std::size_t{id} + 1));
  if (is_dirty_[id]) return;
  is_dirty_[id] = true;
  dirty_.push_back(id);
}

// Everything but the values. The columns of a row sorted by time must stand already.
void RowStore::start(RowId id, Slot slot, std::int64_t now_ms) {
  link(id, slot);
  ++live_;
  if (!options_.is_tracked) return;
  Extra& at = extra(id);
  at.copies = 1;
  if (!options_.is_lean) at.serial = ++serial_;
  touch(id, now_ms);
  if (options_.sorted_by >= 0) queue_.push({time(id), id, at.serial});
  if (options_.ttl_ms) queue_.push({now_ms, id, at.serial});
}

// Everything but the place in the identity table and the memory.
void RowStore::forget(RowId id) {
  unlink(id);
  extra(id).copies = 0;
  --live_;
  if (keeps_dirty_) gone_.push_back(id);
}

void RowStore::remove(RowId id) {
  assert(is_live(id));
  if (options_.has_identity && index_.size()) table_remove(id);
  forget(id);
  table_.release(id);
}

void RowStore::release_dead() {
  for (const RowId id : dead_) table_.release(id);
  dead_.clear();
}

void RowStore::clear() {
  table_.clear();
  chains_.reset();
  index_.reset();
  indexed_ = 0;
  queue_.clear();
  live_ = 0;
  emptied_.clear();
  dead_.clear();
  dirty_.clear();
  gone_.clear();
  is_dirty_.clear();
  is_replaced_ = true;
  clean_end_ = 0;
}

void RowStore::set_matches(RowId id, std::uint32_t matches) {
  extra(id).matches = matches;
  mark_dirty(id);
}

void RowStore::append(Frame& frame, std::span<const Slot> slots, std::int64_t now_ms, RowId* ids) {
  table_.check(frame);
  pending_rows_.clear();
  pending_sources_.clear();
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    ids[i] = kNoRow;
    if (slots[i] != kNoSlot) pending_sources_.push_back(i);
  }
  const std::size_t count = pending_sources_.size();
  if (options_.is_tracked) {
    for (std::size_t i = 0; i < count; ++i) pending_rows_.push_back(table_.allocate());
  } else {
    const RowId first = table_.allocate_run(count);
    for (std::size_t i = 0; i < count; ++i) pending_rows_.push_back(first + static_cast<RowId>(i));
  }
  table_.write(frame, pending_rows_, count == slots.size() ? nullptr : pending_sources_.data());
  for (std::size_t first = 0; first < count; first += kBlock) {
    const std::size_t last = std::min(first + kBlock, count);
    for (std::size_t i = first; i < last; ++i) prefetch_slot(slots[pending_sources_[i]]);
    for (std::size_t i = first; i < last; ++i) {
      const RowId before = tail(slots[pending_sources_[i]]);
      if (before != kNoRow) __builtin_prefetch(table_.row(before));
    }
    for (std::size_t i = first; i < last; ++i) {
      const std::uint32_t source = pending_sources_[i];
      start(pending_rows_[i], slots[source], now_ms);
      ids[source] = pending_rows_[i];
    }
  }
}

// --- time

void RowStore::expire(std::int64_t now_ms) {
  if (!options_.ttl_ms || queue_.empty()) return;
  due_.clear();
  queue_.take(now_ms - options_.ttl_ms, due_);
  for (const TimeQueue::Entry& entry : due_) {
    if (!is_live(entry.row) || extra(entry.row).serial != entry.serial) continue;
    if (touched_ms(entry.row) > now_ms - options_.ttl_ms) {
      queue_.push({touched_ms(entry.row), entry.row, entry.serial});
    } else {
      remove(entry.row);
    }
  }
}

void RowStore::take_until(std::int64_t limit, bool by_arrival, std::vector<RowId>& out) {
  due_.clear();
  queue_.take(limit, due_);
  std::erase_if(due_, [&](const TimeQueue::Entry& entry) {
    return !is_live(entry.row) || extra(entry.row).serial != entry.serial;
  });
  std::sort(due_.begin(), due_.end(), [=](const TimeQueue::Entry& a, const TimeQueue::Entry& b) {
    if (!by_arrival && a.time != b.time) return a.time < b.time;
    return static_cast<std::int32_t>(a.serial - b.serial) < 0;
  });
  for (const TimeQueue::Entry& entry : due_) out.push_back(entry.row);
}

// --- snapshots

RowStore::Dirty RowStore::dirty(bool full, bool detached) {
  Dirty found;
  found.is_full = full || is_replaced_ || !keeps_dirty_;
  if (found.is_full) {
    for (RowId id = 0; id < table_.end(); ++id) {
      if (is_live(id)) found.rows.push_back(id);
    }
  } else if (!options_.is_tracked) {
    for (RowId id = clean_end_; id < table_.end(); ++id) found.rows.push_back(id);
  } else {
    for (const RowId id : dirty_) {
      if (is_live(id)) found.rows.push_back(id);
    }
    for (const RowId id : gone_) {
      if (!is_live(id)) found.gone.push_back(id);
    }
  }
  if (detached) return found;
  keeps_dirty_ = true;
  is_replaced_ = false;
  clean_end_ = table_.end();
  for (const RowId id : dirty_) is_dirty_[id] = false;
  dirty_.clear();
  gone_.clear();
  return found;
}

}  // namespace flott
