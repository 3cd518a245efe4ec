// Probing: see key_index.h for the layout. What encodes keys is in key_index_encode.cc.
#include "flott/key_index.h"

#include <algorithm>
#include <cstring>

#include "flott/column_hash.h"
#include "flott/key_words.h"

namespace flott {
namespace {

constexpr std::size_t kPrefetchFrom = std::size_t{1} << 15;  // entries: below, the table is in cache

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
  for (std::int64_t i = 0; i < block.rows.count; ++i) table_.prefetch(static_cast<std::uint32_t>(block.hashes[i]));
  const std::size_t stride = W > 0 ? W : stride_;
  for (std::int64_t i = 0; i < block.rows.count; ++i) {
    const Slot slot = table_.data()[static_cast<std::uint32_t>(block.hashes[i]) & table_.mask()].slot;
    if (slot != kNoSlot) __builtin_prefetch(words_.data() + std::size_t{slot} * stride);
  }
}

template <int W, bool kInsert>
void KeyIndex::probe(const Block& block, Slot* out, std::vector<Slot>* added) {
  const std::size_t stride = W > 0 ? W : stride_;
  const std::uint32_t mask = table_.mask();
  Entry* const table = table_.data();
  const bool has_bytes = has_bytes_;
  if (table_.capacity() >= kPrefetchFrom) prefetch<W>(block);
  for (std::int64_t i = 0; i < block.rows.count; ++i) {
    if (block.skip && block.skip[i]) continue;
    const std::uint64_t* const key = block.words + static_cast<std::size_t>(i) * stride;
    const auto tag = static_cast<std::uint32_t>(block.hashes[i]);
    std::uint32_t at = tag & mask;
    Slot found = kNoSlot;
    for (;; at = (at + 1) & mask) {
      const auto [slot, its_tag] = table[at];
      if (slot == kNoSlot) break;
      if (its_tag == tag && equal<W>(words_.data() + std::size_t{slot} * stride, key) &&
          (!has_bytes || same_tail(slot, key, block.columns, block.rows[i]))) {
        found = slot;
        break;
      }
    }
    if constexpr (kInsert) {
      if (found == kNoSlot) {
        found = new_slot(key);
        if (has_bytes) store_tail(found, key, block.columns, block.rows[i]);
        table[at] = {found, tag};
        if (added) added->push_back(found);
      }
    }
    out[i] = found;
  }
}

template <typename T, bool kInsert>
void KeyIndex::find_single(const Column& column, RowSet rows, Slot* out, bool never_null, std::vector<Slot>* added) {
  const T* const values = column.values<T>();
  const bool has_nulls = column.has_nulls();
  const auto word_at = [&](std::int64_t row, std::uint32_t& tag) {
    const T value = canonical(values[row]);
    tag = static_cast<std::uint32_t>(hash_value(value));
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof value);
    return word;
  };
  for (std::int64_t first = 0; first < rows.count; first += kBlock) {
    const RowSet part = rows.part(first, std::min(kBlock, rows.count - first));
    Slot* const slots = out + first;
    if (kInsert) singles_.reserve(size_ + static_cast<std::size_t>(part.count));
    SingleEntry* const table = singles_.data();
    const std::uint32_t mask = singles_.mask();
    const auto look = [&](std::int64_t i, std::int64_t row, std::uint64_t word, std::uint32_t tag) {
      if (has_nulls && !column.is_valid(row)) {
        slots[i] = never_null ? kNoSlot : null_slot(kInsert, added);
        return;
      }
      std::uint32_t at = tag & mask;
      while (table[at].word != word && table[at].slot != kNoSlot) at = (at + 1) & mask;
      Slot found = table[at].slot;
      if (kInsert && found == kNoSlot) {
        found = new_slot(&word);
        table[at] = {found, tag, word};
        if (added) added->push_back(found);
      }
      slots[i] = found;
    };
    if (singles_.capacity() < kPrefetchFrom) {
      for_rows(part, [&](std::int64_t i, std::int64_t row) {
        std::uint32_t tag;
        const std::uint64_t word = word_at(row, tag);
        look(i, row, word, tag);
      });
      continue;
    }
    std::uint64_t words[kBlock];
    std::uint32_t tags[kBlock];
    for_rows(part, [&](std::int64_t i, std::int64_t row) {
      words[i] = word_at(row, tags[i]);
      singles_.prefetch(tags[i]);
    });
    for_rows(part, [&](std::int64_t i, std::int64_t row) { look(i, row, words[i], tags[i]); });
  }
}

Slot KeyIndex::null_slot(bool insert, std::vector<Slot>* added) {
  if (insert && null_slot_ == kNoSlot) {
    const std::uint64_t none = 0;
    null_slot_ = new_slot(&none);
    if (added) added->push_back(null_slot_);
  }
  return null_slot_;
}

void KeyIndex::find(Columns columns, RowSet rows, Slot* out, bool insert, std::uint64_t never_null,
                    std::vector<Slot>* added) {
  if (is_single_) {
    const Column& column = *columns[0];
    check_storage(column, parts_[0]);
    const bool is_never = never_null & 1;
    if (column.storage == Storage::kNull) {
      if (rows.count) std::fill_n(out, rows.count, is_never ? kNoSlot : null_slot(insert, added));
      return;
    }
    return with_type(column.storage, [&](auto zero) {
      using T = decltype(zero);
      if constexpr (sizeof(T) <= sizeof(std::uint64_t)) {  // wider ones are not single
        insert ? find_single<T, true>(column, rows, out, is_never, added)
               : find_single<T, false>(column, rows, out, is_never, added);
      }
    });
  }
  std::uint64_t hashes[kBlock];
  std::uint8_t skip[kBlock];
  block_words_.resize(static_cast<std::size_t>(kBlock) * stride_);
  for (std::int64_t first = 0; first < rows.count; first += kBlock) {
    const RowSet part = rows.part(first, std::min(kBlock, rows.count - first));
    if (insert) table_.reserve(size_ + static_cast<std::size_t>(part.count));
    encode(columns, part, block_words_.data(), hashes);
    Slot* const slots = out + first;
    bool skips = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (!(never_null >> c & 1)) continue;
      if (!columns[c]->has_nulls() && columns[c]->storage != Storage::kNull) continue;
      if (!skips) std::memset(skip, 0, sizeof skip);
      skips = true;
      for (std::int64_t i = 0; i < part.count; ++i) {
        if (columns[c]->is_valid(part[i])) continue;
        skip[i] = 1;
        slots[i] = kNoSlot;
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

void KeyIndex::reserve(std::size_t more) {
  is_single_ ? singles_.reserve(size_ + more) : table_.reserve(size_ + more);
}

void KeyIndex::erase(Slot slot) {
  if (slot == null_slot_) {
    null_slot_ = kNoSlot;
  } else {
    const auto tag = static_cast<std::uint32_t>(hash(slot));
    is_single_ ? singles_.erase(tag, slot) : table_.erase(tag, slot);
    if (has_bytes_) garbage_ += tail_size(words_of(slot));
  }
  used_[slot] = 0;
  --size_;
  free_.push_back(slot);
  if (garbage_ > (std::size_t{1} << 16) && garbage_ > arena_.size() / 2) compact_tails();
}

void KeyIndex::clear() {
  table_.clear();
  singles_.clear();
  std::fill_n(used_.data(), used_.size(), std::uint8_t{0});
  arena_.clear();
  free_.clear();
  garbage_ = 0;
  size_ = 0;
  slot_end_ = 0;
  null_slot_ = kNoSlot;
}

std::size_t KeyIndex::memory_bytes() const {
  return table_.bytes() + singles_.bytes() + words_.bytes() + used_.bytes() + tails_.bytes() + arena_.bytes() +
         free_.capacity() * sizeof(Slot);
}

}  // namespace flott
