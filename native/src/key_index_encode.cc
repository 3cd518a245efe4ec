// How key columns become words and back, and keys bytes of a snapshot.
#include <algorithm>
#include <cstring>
#include <limits>

#include "flott/column_hash.h"
#include "flott/key_index.h"
#include "flott/key_words.h"

namespace flott {
namespace {

constexpr std::int32_t kNullSize = -1;

ArrowView entry_at(const std::uint64_t* words, std::uint32_t offset) {
  ArrowView entry;
  std::memcpy(&entry, reinterpret_cast<const char*>(words) + offset, sizeof entry);
  return entry;
}

bool is_long(const ArrowView& entry) { return entry.size > kInlineBytesMax; }

}  // namespace

KeyIndex::KeyIndex(std::vector<ColumnType> types) : types_(std::move(types)) {
  const auto width = [](const ColumnType& type) { return width_of(type.storage()); };
  const bool is_single = types_.size() == 1 && width(types_[0]) <= 8;
  is_single_ = is_single;
  std::vector<std::size_t> order(types_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return width(types_[a]) > width(types_[b]); });
  parts_.resize(types_.size());
  std::uint32_t offset = 0;
  for (std::size_t i : order) {
    parts_[i] = Part{types_[i].storage(), offset, 0, 0};
    offset += static_cast<std::uint32_t>(width(types_[i]));
    has_bytes_ |= parts_[i].storage == Storage::kBytes;
  }
  std::uint32_t bits = 0;
  for (Part& part : parts_) {
    if (is_single || part.storage == Storage::kBytes) continue;
    part.null_byte = offset + bits / 8;
    part.null_bit = static_cast<std::uint8_t>(1u << bits % 8);
    ++bits;
  }
  offset += (bits + 7) / 8;
  stride_ = std::max<std::size_t>(1, (offset + 7) / 8);
  clears_ = offset != stride_ * 8 || bits > 0;
}

template <typename T>
void KeyIndex::encode_fixed(const Part& part, const Column& column, RowSet rows, bool is_first,
                            std::uint64_t* words, std::uint64_t* hashes) const {
  const T* const values = column.values<T>();
  char* const base = reinterpret_cast<char*>(words);
  const std::size_t stride = stride_ * 8;
  const auto put = [&](std::int64_t i, T value, std::uint64_t hash) {
    std::memcpy(base + static_cast<std::size_t>(i) * stride + part.offset, &value, sizeof value);
    hashes[i] = is_first ? hash : combine_hashes(hashes[i], hash);
  };
  if (!column.has_nulls()) {
    for_rows(rows, [&](std::int64_t i, std::int64_t row) {
      const T value = canonical(values[row]);
      put(i, value, hash_value(value));
    });
    return;
  }
  for_rows(rows, [&](std::int64_t i, std::int64_t row) {
    if (column.is_valid(row)) {
      const T value = canonical(values[row]);
      return put(i, value, hash_value(value));
    }
    put(i, T{}, kNullHash);
    if (part.null_bit) base[static_cast<std::size_t>(i) * stride + part.null_byte] |= static_cast<char>(part.null_bit);
  });
}

void KeyIndex::encode_bytes(const Part& part, const Column& column, RowSet rows, bool is_first,
                            std::uint64_t* words, std::uint64_t* hashes) const {
  char* const base = reinterpret_cast<char*>(words);
  const std::size_t stride = stride_ * 8;
  const bool has_nulls = column.has_nulls();
  for_rows(rows, [&](std::int64_t i, std::int64_t row) {
    ArrowView entry{};
    std::uint64_t hash = kNullHash;
    if (has_nulls && !column.is_valid(row)) {
      entry.size = kNullSize;
    } else {
      entry = column.entry(row);
      if (is_long(entry)) {
        hash = hash_value(column.bytes(row));
        std::memcpy(&entry.buffer, &hash, sizeof hash);
      } else {
        hash = hash_value(entry);
      }
    }
    std::memcpy(base + static_cast<std::size_t>(i) * stride + part.offset, &entry, sizeof entry);
    hashes[i] = is_first ? hash : combine_hashes(hashes[i], hash);
  });
}

void KeyIndex::check_storage(const Column& column, const Part& part) {
  if (column.storage != part.storage) throw std::invalid_argument("a key column has another type than the index");
}

void KeyIndex::encode(Columns columns, RowSet rows, std::uint64_t* words, std::uint64_t* hashes) const {
  const auto count = static_cast<std::size_t>(rows.count);
  if (clears_) std::memset(words, 0, count * stride_ * sizeof *words);
  if (parts_.empty()) std::fill_n(hashes, count, std::uint64_t{0});
  for (std::size_t c = 0; c < parts_.size(); ++c) {
    const Part& part = parts_[c];
    const Column& column = *columns[c];
    check_storage(column, part);
    if (part.storage == Storage::kBytes) {
      encode_bytes(part, column, rows, c == 0, words, hashes);
    } else if (part.storage == Storage::kNull) {
      for (std::size_t i = 0; i < count; ++i) hashes[i] = c == 0 ? kNullHash : combine_hashes(hashes[i], kNullHash);
    } else {
      with_type(part.storage, [&](auto zero) {
        encode_fixed<decltype(zero)>(part, column, rows, c == 0, words, hashes);
      });
    }
  }
}

std::uint64_t KeyIndex::hash_part(const std::uint64_t* words, std::size_t column) const {
  const char* const base = reinterpret_cast<const char*>(words);
  const Part& part = parts_[column];
  if (part.storage == Storage::kBytes) {
    const ArrowView entry = entry_at(words, part.offset);
    if (entry.size < 0) return kNullHash;
    if (!is_long(entry)) return hash_value(entry);
    std::uint64_t hash;
    std::memcpy(&hash, &entry.buffer, sizeof hash);
    return hash;
  }
  if (part.storage == Storage::kNull || (part.null_bit && base[part.null_byte] & part.null_bit)) return kNullHash;
  return with_type(part.storage, [&](auto value) {
    std::memcpy(&value, base + part.offset, sizeof value);
    return hash_value(value);
  });
}

std::uint64_t KeyIndex::hash_words(const std::uint64_t* words) const {
  std::uint64_t hash = 0;
  for (std::size_t c = 0; c < parts_.size(); ++c) {
    const std::uint64_t next = hash_part(words, c);
    hash = c == 0 ? next : combine_hashes(hash, next);
  }
  return hash;
}

std::uint64_t KeyIndex::hash(Slot slot) const {
  return slot == null_slot_ ? kNullHash : hash_words(words_of(slot));
}

std::size_t KeyIndex::tail_size(const std::uint64_t* words) const {
  std::size_t size = 0;
  for (const Part& part : parts_) {
    if (part.storage != Storage::kBytes) continue;
    const ArrowView entry = entry_at(words, part.offset);
    if (is_long(entry)) size += static_cast<std::size_t>(entry.size);
  }
  return size;
}

bool KeyIndex::same_tail(Slot slot, const std::uint64_t* key, Columns columns, std::int64_t row) const {
  const char* tail = arena_.data() + tails_[slot];
  for (std::size_t c = 0; c < parts_.size(); ++c) {
    if (parts_[c].storage != Storage::kBytes) continue;
    const ArrowView entry = entry_at(key, parts_[c].offset);
    if (!is_long(entry)) continue;
    const std::string_view bytes = columns[c]->bytes(row);
    if (std::memcmp(tail, bytes.data(), bytes.size()) != 0) return false;
    tail += bytes.size();
  }
  return true;
}

bool KeyIndex::same_tail(Slot slot, const std::uint64_t* key, const char* tail) const {
  const std::size_t size = has_bytes_ ? tail_size(key) : 0;
  return size == 0 || std::memcmp(arena_.data() + tails_[slot], tail, size) == 0;
}

void KeyIndex::store_tail(Slot slot, const std::uint64_t* words, Columns columns, std::int64_t row) {
  tails_[slot] = arena_.size();
  for (std::size_t c = 0; c < parts_.size(); ++c) {
    if (parts_[c].storage != Storage::kBytes || !is_long(entry_at(words, parts_[c].offset))) continue;
    const std::string_view bytes = columns[c]->bytes(row);
    const std::size_t at = arena_.size();
    arena_.resize(at + bytes.size());
    std::memcpy(arena_.data() + at, bytes.data(), bytes.size());
  }
}

void KeyIndex::compact_tails() {
  PodArray<char> live;
  for (Slot slot = 0; slot < slot_end_; ++slot) {
    if (!used_[slot]) continue;
    const std::size_t size = tail_size(words_of(slot));
    const std::size_t at = live.size();
    live.resize(at + size);
    if (size) std::memcpy(live.data() + at, arena_.data() + tails_[slot], size);
    tails_[slot] = at;
  }
  arena_.swap(live);
  garbage_ = 0;
}

void KeyIndex::keys(std::span<const Slot> slots, std::span<ColumnBuilder> out) const {
  constexpr std::size_t kChunk = 512;
  for (std::size_t first = 0; first < slots.size(); first += kChunk) {
    const auto chunk = slots.subspan(first, std::min(kChunk, slots.size() - first));
    for (Slot slot : chunk) __builtin_prefetch(words_of(slot));
    append_keys(chunk, out);
  }
}

void KeyIndex::append_keys(std::span<const Slot> slots, std::span<ColumnBuilder> out) const {
  for (std::size_t c = 0; c < parts_.size(); ++c) {
    const Part& part = parts_[c];
    ColumnBuilder& column = out[c];
    const auto is_null = [&](Slot slot) {
      return slot == null_slot_ ||
             (part.null_bit && reinterpret_cast<const char*>(words_of(slot))[part.null_byte] & part.null_bit);
    };
    if (part.storage == Storage::kNull) {
      for (std::size_t i = 0; i < slots.size(); ++i) column.push_null();
    } else if (part.storage == Storage::kBytes) {
      for (Slot slot : slots) {
        const ArrowView entry = entry_at(words_of(slot), part.offset);
        if (entry.size < 0) {
          column.push_null();
        } else if (!is_long(entry)) {
          column.push_bytes({entry.prefix, static_cast<std::size_t>(entry.size)});
        } else {
          std::size_t before = 0;  // long strings of earlier columns
          for (std::size_t d = 0; d < c; ++d) {
            if (parts_[d].storage != Storage::kBytes) continue;
            const ArrowView other = entry_at(words_of(slot), parts_[d].offset);
            if (is_long(other)) before += static_cast<std::size_t>(other.size);
          }
          column.push_bytes({arena_.data() + tails_[slot] + before, static_cast<std::size_t>(entry.size)});
        }
      }
    } else {
      with_type(part.storage, [&](auto zero) {
        using T = decltype(zero);
        const std::int64_t first = column.length();
        T* const values = column.extend<T>(static_cast<std::int64_t>(slots.size()));
        const bool may_be_null = part.null_bit || null_slot_ != kNoSlot;
        for (std::size_t i = 0; i < slots.size(); ++i) {
          std::memcpy(values + i, reinterpret_cast<const char*>(words_of(slots[i])) + part.offset, sizeof(T));
          if (may_be_null && is_null(slots[i])) column.set_null(first + static_cast<std::int64_t>(i));
        }
      });
    }
  }
}

void KeyIndex::write(Slot slot, Writer& out) const {
  out.put(static_cast<std::uint8_t>(slot == null_slot_));
  if (slot == null_slot_) return;
  out.raw(words_of(slot), stride_ * sizeof(std::uint64_t));
  if (const std::size_t size = has_bytes_ ? tail_size(words_of(slot)) : 0) out.raw(arena_.data() + tails_[slot], size);
}

void KeyIndex::skip(Reader& in) const {
  if (in.take<std::uint8_t>()) return;
  std::vector<std::uint64_t> words(stride_);
  std::memcpy(words.data(), in.raw(stride_ * 8), stride_ * 8);
  if (has_bytes_) in.raw(tail_size(words.data()));
}

std::uint64_t KeyIndex::hash_written(Reader in) const {
  if (in.take<std::uint8_t>()) return kNullHash;
  std::vector<std::uint64_t> words(stride_);
  std::memcpy(words.data(), in.raw(stride_ * 8), stride_ * 8);
  return hash_words(words.data());
}

std::uint64_t KeyIndex::hash_written(Reader in, std::span<const std::size_t> columns) const {
  if (columns.empty()) return 0;
  if (in.take<std::uint8_t>()) return kNullHash;
  std::vector<std::uint64_t> words(stride_);
  std::memcpy(words.data(), in.raw(stride_ * 8), stride_ * 8);
  std::uint64_t hash = hash_part(words.data(), columns[0]);
  for (const std::size_t column : columns.subspan(1)) hash = combine_hashes(hash, hash_part(words.data(), column));
  return hash;
}

Slot KeyIndex::find_written(std::uint32_t tag, const std::uint64_t* words, const char* tail) const {
  if (is_single_) {
    const SingleEntry* const table = singles_.data();
    std::uint32_t at = tag & singles_.mask();
    while (table[at].word != *words && table[at].slot != kNoSlot) at = (at + 1) & singles_.mask();
    return table[at].slot;
  }
  for (std::uint32_t at = tag & table_.mask();; at = (at + 1) & table_.mask()) {
    const Slot slot = table_.data()[at].slot;
    if (slot == kNoSlot) return kNoSlot;
    if (std::memcmp(words_of(slot), words, stride_ * 8) == 0 && same_tail(slot, words, tail)) return slot;
  }
}

Slot KeyIndex::read(Reader& in, bool insert, bool* is_new, const std::uint32_t* first) {
  if (is_new) *is_new = false;
  reserve(1);
  std::vector<std::uint64_t> words(stride_, 0);
  if (in.take<std::uint8_t>()) {
    if (is_new) *is_new = insert && null_slot_ == kNoSlot;
    return null_slot(insert, nullptr);
  }
  std::memcpy(words.data(), in.raw(stride_ * 8), stride_ * 8);
  const std::size_t size = has_bytes_ ? tail_size(words.data()) : 0;
  const char* const tail = in.raw(size);
  if (first) std::memcpy(reinterpret_cast<char*>(words.data()) + parts_[0].offset, first, sizeof *first);
  const auto tag = static_cast<std::uint32_t>(hash_words(words.data()));
  const Slot found = find_written(tag, words.data(), tail);
  if (found != kNoSlot || !insert) return found;
  const Slot slot = new_slot(words.data());
  if (has_bytes_) {
    tails_[slot] = arena_.size();
    arena_.resize(arena_.size() + size);
    if (size) std::memcpy(arena_.data() + tails_[slot], tail, size);
  }
  is_single_ ? singles_.put({slot, tag, words[0]}) : table_.put({slot, tag});
  if (is_new) *is_new = true;
  return slot;
}

}  // namespace flott
