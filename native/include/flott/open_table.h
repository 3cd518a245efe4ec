// Open addressing over entries of a `tag`, the low half of the hash of a key, and the key's `slot`, so
// that growing and erasing never look at keys.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "flott/columns.h"
#include "flott/pod_array.h"

namespace flott {

// `Entry` is a plain struct with these two; one without anything has no slot.
template <typename Entry>
class OpenTable {
 public:
  std::size_t capacity() const { return entries_.size(); }
  std::size_t bytes() const { return entries_.bytes(); }
  std::uint32_t mask() const { return mask_; }
  Entry* data() { return entries_.data(); }
  const Entry* data() const { return entries_.data(); }
  void prefetch(std::uint32_t tag) const { __builtin_prefetch(entries_.data() + (tag & mask_)); }

  // Makes room for so many entries in all: at most three of five are in use.
  void reserve(std::size_t entries) {
    const std::size_t needed = entries * 5 / 3 + 1;
    if (needed <= entries_.size()) return;
    std::size_t capacity = std::max<std::size_t>(entries_.size(), 64);
    while (capacity < needed) capacity *= 2;
    PodArray<Entry> former;
    former.swap(entries_);
    entries_.resize(capacity, kEmpty);
    mask_ = static_cast<std::uint32_t>(capacity - 1);
    for (const Entry& entry : former) {
      if (entry.slot != kNoSlot) put(entry);
    }
  }

  void put(const Entry& entry) {
    std::uint32_t at = entry.tag & mask_;
    while (entries_[at].slot != kNoSlot) at = (at + 1) & mask_;
    entries_[at] = entry;
  }

  void erase(std::uint32_t tag, Slot slot) {
    std::uint32_t at = tag & mask_;
    while (entries_[at].slot != slot) at = (at + 1) & mask_;
    // Entries behind move up, so that no search ends at the gap before it should.
    for (std::uint32_t next = at;;) {
      next = (next + 1) & mask_;
      const Entry& entry = entries_[next];
      if (entry.slot == kNoSlot) break;
      const std::uint32_t home = entry.tag & mask_;
      if (((next - home) & mask_) < ((next - at) & mask_)) continue;
      entries_[at] = entry;
      at = next;
    }
    entries_[at] = kEmpty;
  }

  void clear() { std::fill_n(entries_.data(), entries_.size(), kEmpty); }

 private:
  static constexpr Entry kEmpty{};

  PodArray<Entry> entries_;
  std::uint32_t mask_ = 0;
};

}  // namespace flott
