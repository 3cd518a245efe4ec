// Probing: see key_index.h for the layout. What encodes keys is in key_index_encode.cc.
#include "flott/key_index.h"

#include <algorithm>
#include <cstring>

#include "flott/column_hash.h"

namespace flott {
namespace {

constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
constexpr std::size_t kPrefetchFrom = std::size_t{1} << 15;  // entries: below, the table is in cache

Slot slot_of(std::uint64_t entry) { return static_cast<Slot>(entry); }
std::uint32_t tag_of(std::uint64_t entry) { return static_cast<std::uint32_t>(entry >> 32); }

}  // namespace

struct KeyIndex::Block {
  const std::uint64_t* words;
  const std::uint64_t* hashes;
  const std::uint8_t* skip;  // null, or 1 for rows that are not looked up
  Columns columns;
  RowSet rows;
};

template <int W>
bool KeyIndex::equal(const std::uint64_t* left, const std::uint64_t* right) const {
  if constexpr (W > 0) {
    std::uint64_t difference = 0;
    for (int i = 0; i < W; ++i) difference |= left[i] ^ right[i];
    return difference == 0;
  } else {
    return std::memcmp(left, right, stride_ * sizeof *left) == 0;
  }
}

template <int W>
void KeyIndex::prefetch(const Block& block) const {
  for (std::int64_t i = 0; i < block.rows.count; ++i) {
    __builtin_prefetch(&table_[static_cast<std::uint32_t>(block.hashes[i]) & mask_]);
  }
  const std::size_t stride = W > 0 ? W : stride_;
  for (std::int64_t i = 0; i < block.rows.count; ++i) {
    const Slot slot = slot_of(table_[static_cast<std::uint32_t>(block.hashes[i]) & mask_]);
    if (slot != kNoSlot) __builtin_prefetch(words_.data() + std::size_t{slot} * stride);
  }
}

template <int W, bool kInsert>
void KeyIndex::probe(const Block& block, Slot* out, std::vector<Slot>* added) {
  const std::size_t stride = W > 0 ? W : stride_;
  const std::uint32_t mask = mask_;
  const bool has_bytes = has_bytes_;
  if (table_.size() >= kPrefetchFrom) prefetch<W>(block);
  for (std::int64_t i = 0; i < block.rows.count; ++i) {
    if (block.skip && block.skip[i]) continue;
    const std::uint64_t* const key = block.words + static_cast<std::size_t>(i) * stride;
    const auto tag = static_cast<std::uint32_t>(block.hashes[i]);
    std::uint32_t at = tag & mask;
    Slot found = kNoSlot;
    for (;; at = (at + 1) & mask) {
      const std::uint64_t entry = table_[at];
      const Slot slot = slot_of(entry);
      if (slot == kNoSlot) break;
      if (tag_of(entry) == tag && equal<W>(words_.data() + std::size_t{slot} * stride, key) &&
          (!has_bytes || same_tail(slot, key, block.columns, block.rows[i]))) {
        found = slot;
        break;
      }
    }
    if constexpr (kInsert) {
      if (found == kNoSlot) {
        found = new_slot(key);
        if (has_bytes) store_tail(found, key, block.columns, block.rows[i]);
        table_[at] = std::uint64_t{tag} << 32 | found;
        if (added) added->push_back(found);
      }
    }
    out[i] = found;
  }
}

void KeyIndex::find(Columns columns, RowSet rows, Slot* out, bool insert, std::uint64_t never_null,
                    std::vector<Slot>* added) {
  std::uint64_t hashes[kBlock];
  std::uint8_t skip[kBlock];
  block_words_.resize(static_cast<std::size_t>(kBlock) * stride_);
  for (std::int64_t first = 0; first < rows.count; first += kBlock) {
    const RowSet part = rows.part(first, std::min(kBlock, rows.count - first));
    if (insert) grow_for(static_cast<std::size_t>(part.count));
    encode(columns, part, block_words_.data(), hashes);
    Slot* const slots = out + first;
    bool skips = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const bool is_never = never_null >> c & 1;
      if (!(is_never || null_is_slot_)) continue;
      if (!columns[c]->has_nulls() && columns[c]->storage != Storage::kNull) continue;
      if (!skips) std::memset(skip, 0, sizeof skip);
      skips = true;
      for (std::int64_t i = 0; i < part.count; ++i) {
        if (columns[c]->is_valid(part[i])) continue;
        skip[i] = 1;
        if (insert && null_slot_ == kNoSlot) {
          const std::uint64_t none = 0;
          null_slot_ = new_slot(&none);
          if (added) added->push_back(null_slot_);
        }
        slots[i] = is_never ? kNoSlot : null_slot_;
      }
    }
    const Block block{block_words_.data(), hashes, skips ? skip : nullptr, columns, part};
    const auto run = [&](auto width) {
      constexpr int W = decltype(width)::value;
      insert ? probe<W, true>(block, slots, added) : probe<W, false>(block, slots, added);
    };
    switch (stride_) {
      case 1: run(std::integral_constant<int, 1>()); break;
      case 2: run(std::integral_constant<int, 2>()); break;
      case 3: run(std::integral_constant<int, 3>()); break;
      case 4: run(std::integral_constant<int, 4>()); break;
      default: run(std::integral_constant<int, 0>()); break;
    }
  }
}

void KeyIndex::upsert(Columns columns, RowSet rows, Slot* out, std::vector<Slot>* added) {
  find(columns, rows, out, true, 0, added);
}

void KeyIndex::lookup(Columns columns, RowSet rows, Slot* out, std::uint64_t never_null) {
  if (size_ == 0) {
    std::fill_n(out, rows.count, kNoSlot);
  } else {
    find(columns, rows, out, false, never_null, nullptr);
  }
}

Slot KeyIndex::new_slot(const std::uint64_t* words) {
  Slot slot;
  if (free_.empty()) {
    if (slot_end_ == kNoSlot) throw std::length_error("a key index holds at most 2^32 - 1 keys");
    slot = slot_end_++;
    words_.resize(std::size_t{slot_end_} * stride_);
    used_.resize(slot_end_);
    if (has_bytes_) tails_.resize(slot_end_);
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  std::memcpy(words_of(slot), words, stride_ * sizeof *words);
  used_[slot] = 1;
  ++size_;
  return slot;
}

void KeyIndex::put_entry(std::uint32_t tag, Slot slot) {
  std::uint32_t at = tag & mask_;
  while (slot_of(table_[at]) != kNoSlot) at = (at + 1) & mask_;
  table_[at] = std::uint64_t{tag} << 32 | slot;
}

// At most three of five entries are in use.
void KeyIndex::grow_for(std::size_t more) {
  const std::size_t needed = (size_ + more) * 5 / 3 + 1;
  if (needed <= table_.size()) return;
  std::size_t capacity = std::max<std::size_t>(table_.size(), 64);
  while (capacity < needed) capacity *= 2;
  PodArray<std::uint64_t> former;
  former.swap(table_);
  table_.resize(capacity, kEmpty);
  mask_ = static_cast<std::uint32_t>(capacity - 1);
  for (const std::uint64_t entry : former) {
    if (slot_of(entry) != kNoSlot) put_entry(tag_of(entry), slot_of(entry));
  }
}

void KeyIndex::erase(Slot slot) {
  if (slot == null_slot_) {
    null_slot_ = kNoSlot;
  } else {
    std::uint32_t at = static_cast<std::uint32_t>(hash(slot)) & mask_;
    while (slot_of(table_[at]) != slot) at = (at + 1) & mask_;
    // Entries behind move up, so that no search ends at the gap before it should.
    for (std::uint32_t next = at;;) {
      next = (next + 1) & mask_;
      const std::uint64_t entry = table_[next];
      if (slot_of(entry) == kNoSlot) break;
      const std::uint32_t home = tag_of(entry) & mask_;
      if (((next - home) & mask_) < ((next - at) & mask_)) continue;
      table_[at] = entry;
      at = next;
    }
    table_[at] = kEmpty;
    if (has_bytes_) garbage_ += tail_size(words_of(slot));
  }
  used_[slot] = 0;
  --size_;
  free_.push_back(slot);
  if (garbage_ > (std::size_t{1} << 16) && garbage_ > arena_.size() / 2) compact_tails();
}

void KeyIndex::clear() {
  for (std::uint64_t& entry : table_) entry = kEmpty;
  std::fill_n(used_.data(), used_.size(), std::uint8_t{0});
  arena_.clear();
  free_.clear();
  garbage_ = 0;
  size_ = 0;
  slot_end_ = 0;
  null_slot_ = kNoSlot;
}

std::size_t KeyIndex::memory_bytes() const {
  return table_.bytes() + words_.bytes() + used_.bytes() + tails_.bytes() + arena_.bytes() +
         free_.capacity() * sizeof(Slot);
}

}  // namespace flott
