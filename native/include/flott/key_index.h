// Key columns -> dense slots: the index under every keyed kernel.
//
// Every key becomes a fixed number of 64-bit words. Fixed-width columns stand in them as they are.
// A string has two words, laid out as a view entry: up to 12 bytes stand there; of a longer one the
// size, four bytes and its hash, and the bytes themselves are in an arena, compared on a hit. NULL is
// a key like another. Slots are found in an open table of (32 bits of hash, slot); where the key is one
// number, it stands there, too, and a search meets one cache line. Large tables are probed in blocks
// with prefetches.
//
// A slot stays with its key until the key is erased; then the next new key may get it.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/open_table.h"
#include "flott/pod_array.h"

namespace flott {

// The rows of a frame that a kernel works on: first, first + 1, ... or those that `rows` names.
struct RowSet {
  const std::uint32_t* rows = nullptr;
  std::int64_t first = 0;
  std::int64_t count = 0;

  std::int64_t operator[](std::int64_t i) const { return rows ? rows[i] : first + i; }
  RowSet part(std::int64_t from, std::int64_t size) const {
    return rows ? RowSet{rows + from, 0, size} : RowSet{nullptr, first + from, size};
  }
};

using Columns = std::span<const Column* const>;

class KeyIndex {
 public:
  static constexpr std::int64_t kBlock = 256;

  explicit KeyIndex(std::vector<ColumnType> types);

  const std::vector<ColumnType>& types() const { return types_; }
  std::size_t size() const { return size_; }
  // Every slot in use is below.
  Slot slot_end() const { return slot_end_; }
  bool is_used(Slot slot) const { return used_[slot]; }

  // Finds the slot of every row; new keys get one, listed in `added`, if given.
  void upsert(Columns columns, RowSet rows, Slot* out, std::vector<Slot>* added = nullptr);
  // Finds the slot of every row, or kNoSlot. A row with NULL in a column of `never_null` (bit i for
  // column i) is not found: there NULL equals nothing.
  void lookup(Columns columns, RowSet rows, Slot* out, std::uint64_t never_null = 0);
  void erase(Slot slot);
  void clear();

  std::uint64_t hash(Slot slot) const;
  // Appends the key columns of `slots` to columns first, first + 1, ... of `out`.
  void keys(std::span<const Slot> slots, std::span<ColumnBuilder> out) const;

  // The key of one slot as bytes, for snapshots.
  void write(Slot slot, Writer& out) const;
  // Where a written key ends.
  void skip(Reader& in) const;
  // The hash of a written key, without moving past it.
  std::uint64_t hash_written(Reader in) const;
  // The same of some columns in their order, as if there were no others.
  std::uint64_t hash_written(Reader in, std::span<const std::size_t> columns) const;
  // Finds or inserts a written key; `is_new` says which. With `insert` false: or kNoSlot. `first`, if
  // given, takes the place of the first column, a 32-bit number.
  Slot read(Reader& in, bool insert, bool* is_new = nullptr, const std::uint32_t* first = nullptr);
  // The value of a fixed-width column of a key that is not NULL.
  template <typename T>
  T value(Slot slot, std::size_t column) const {
    T value;
    std::memcpy(&value, reinterpret_cast<const char*>(words_of(slot)) + parts_[column].offset, sizeof value);
    return value;
  }

  std::size_t memory_bytes() const;

 private:
  struct Part {
    Storage storage;
    std::uint32_t offset;  // in bytes
    std::uint32_t null_byte;
    std::uint8_t null_bit;  // 0: no bit; strings have size -1 for NULL
  };
  struct Entry {
    Slot slot = kNoSlot;
    std::uint32_t tag = 0;
  };
  struct SingleEntry {
    Slot slot = kNoSlot;
    std::uint32_t tag = 0;
    std::uint64_t word = 0;
  };
  struct Block;

  static void check_storage(const Column& column, const Part& part);
  void encode(Columns columns, RowSet rows, std::uint64_t* words, std::uint64_t* hashes) const;
  template <typename T>
  void encode_fixed(const Part& part, const Column& column, RowSet rows, bool is_first,
                    std::uint64_t* words, std::uint64_t* hashes) const;
  void encode_bytes(const Part& part, const Column& column, RowSet rows, bool is_first,
                    std::uint64_t* words, std::uint64_t* hashes) const;
  void find(Columns columns, RowSet rows, Slot* out, bool insert, std::uint64_t never_null,
            std::vector<Slot>* added);
  template <typename T, bool kInsert>
  void find_single(const Column& column, RowSet rows, Slot* out, bool never_null, std::vector<Slot>* added);
  Slot null_slot(bool insert, std::vector<Slot>* added);
  Slot find_written(std::uint32_t tag, const std::uint64_t* words, const char* tail) const;
  template <int W, bool kInsert>
  void probe(const Block& block, Slot* out, std::vector<Slot>* added);
  template <int W>
  void prefetch(const Block& block) const;
  template <int W>
  bool equal(const std::uint64_t* left, const std::uint64_t* right) const;
  bool same_tail(Slot slot, const std::uint64_t* key, Columns columns, std::int64_t row) const;
  bool same_tail(Slot slot, const std::uint64_t* key, const char* tail) const;
  std::uint64_t hash_words(const std::uint64_t* words) const;
  std::uint64_t hash_part(const std::uint64_t* words, std::size_t column) const;
  std::size_t tail_size(const std::uint64_t* words) const;
  Slot new_slot(const std::uint64_t* words);
  void store_tail(Slot slot, const std::uint64_t* words, Columns columns, std::int64_t row);
  void reserve(std::size_t more);
  void compact_tails();
  void append_keys(std::span<const Slot> slots, std::span<ColumnBuilder> out) const;
  std::uint64_t* words_of(Slot slot) { return words_.data() + std::size_t{slot} * stride_; }
  const std::uint64_t* words_of(Slot slot) const { return words_.data() + std::size_t{slot} * stride_; }

  std::vector<ColumnType> types_;
  std::vector<Part> parts_;
  std::size_t stride_ = 1;    // words of a key
  bool has_bytes_ = false;
  bool is_single_ = false;     // one column of at most 8 bytes: NULL has a slot apart
  bool clears_ = false;        // words have bytes that no column fills

  OpenTable<Entry> table_;           // or, for single columns:
  OpenTable<SingleEntry> singles_;
  PodArray<std::uint64_t> words_;
  PodArray<std::uint8_t> used_;
  PodArray<std::uint64_t> tails_;
  PodArray<char> arena_;
  std::size_t garbage_ = 0;
  Slot null_slot_ = kNoSlot;
  Slot slot_end_ = 0;
  std::size_t size_ = 0;
  std::vector<Slot> free_;
  PodArray<std::uint64_t> block_words_;
};

}  // namespace flott
