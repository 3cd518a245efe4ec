#include "flott/value_bag.h"

#include <algorithm>

namespace flott {
namespace {

std::vector<ColumnType> with_slot(std::vector<ColumnType> types) {
  types.insert(types.begin(), ColumnType{"I", "slot", {}});
  return types;
}

}  // namespace

ValueBag::ValueBag(std::vector<ColumnType> value_types, std::size_t filters, bool retracts)
    : index_(with_slot(std::move(value_types))), filters_(filters), mark_bytes_((filters + 7) / 8), retracts_(retracts) {}

void ValueBag::find(Columns values, RowSet rows, const Slot* slots, std::int64_t slot_count) {
  const Column slot_column = Column::over(slots, slot_count);
  std::vector<const Column*> columns{&slot_column};
  columns.insert(columns.end(), values.begin(), values.end());
  entries_.resize(static_cast<std::size_t>(rows.count));
  added_.clear();
  emptied_.clear();
  index_.upsert(columns, rows, entries_.data(), &added_);
  for (Entry entry : added_) start(entry);
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i + kAhead < entries_.size()) {
      const Entry ahead = entries_[i + kAhead];
      __builtin_prefetch(retracts_ ? static_cast<const void*>(counts(ahead)) : marks(ahead), 1);
    }
    if (tracks_) track(entries_[i]);
  }
}

// A new entry; it goes to the head of the chain.
void ValueBag::start(Entry entry) {
  const std::size_t end = index_.slot_end();
  next_.resize(end);
  const Slot slot = owner(entry);
  next_[entry] = heads_[slot];
  heads_[slot] = entry;
  if (tracks_) {
    epochs_.resize(end);
    epochs_[entry] = 0;
  }
  if (!retracts_) {
    marks_.resize(end * mark_bytes_);
    std::fill_n(marks(entry), mark_bytes_, std::uint8_t{0});
    return;
  }
  counts_.resize(end * filters_);
  std::fill_n(counts(entry), filters_, 0);
  previous_.resize(end);
  previous_[entry] = kNoSlot;
  if (next_[entry] != kNoSlot) previous_[next_[entry]] = entry;
}

void ValueBag::track(Entry entry) {
  if (epochs_[entry] == epoch_) return;
  epochs_[entry] = epoch_;
  changed_.push_back(entry);
}

void ValueBag::erase(Entry entry) {
  const Entry next = next_[entry];
  if (next != kNoSlot) previous_[next] = previous_[entry];
  (previous_[entry] != kNoSlot ? next_[previous_[entry]] : heads_[owner(entry)]) = next;
  index_.erase(entry);
}

bool ValueBag::is_empty(Entry entry) const {
  for (std::size_t f = 0; f < filters_; ++f) {
    if (times(entry, f) > 0) return false;
  }
  return true;
}

void ValueBag::drop_emptied() {
  for (Entry entry : emptied_) {
    if (!index_.is_used(entry) || !is_empty(entry)) continue;
    if (tracks_) gone_.push_back(entry);
    else erase(entry);
  }
  emptied_.clear();
}

void ValueBag::clear(Slot slot) {
  for (Entry entry = heads_[slot]; entry != kNoSlot;) {
    const Entry next = next_[entry];
    index_.erase(entry);
    entry = next;
  }
  heads_[slot] = kNoSlot;
}

void ValueBag::start_tracking() {
  for (Entry entry : gone_) {
    if (index_.is_used(entry) && is_empty(entry)) erase(entry);
  }
  gone_.clear();
  changed_.clear();
  if (!tracks_) epochs_.resize(index_.slot_end(), 0);
  tracks_ = true;
  ++epoch_;
}

void ValueBag::write_entry(Entry entry, Writer& out) const {
  index_.write(entry, out);
  for (std::size_t f = 0; f < filters_; ++f) out.put(times(entry, f));
}

void ValueBag::read_entry(Slot slot, Reader& in) {
  bool is_new;
  const Entry entry = index_.read(in, true, &is_new, &slot);
  if (is_new) start(entry);
  for (std::size_t f = 0; f < filters_; ++f) {
    const auto times = in.take<std::int32_t>();
    if (retracts_) counts(entry)[f] = times;
    else if (times > 0) mark(entry, f);
  }
  if (retracts_ && is_empty(entry)) erase(entry);
}

void ValueBag::skip_entry(Reader& in) const {
  index_.skip(in);
  in.raw(filters_ * sizeof(std::int32_t));
}

std::size_t ValueBag::memory_bytes() const {
  return index_.memory_bytes() + next_.bytes() + previous_.bytes() + counts_.bytes() + marks_.bytes() +
         epochs_.bytes() + heads_.bytes() + entries_.bytes();
}

}  // namespace flott
