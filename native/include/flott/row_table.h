// Rows of any column types, each in one piece of memory: a header, the values, a bit for each NULL.
//
// A join touches a few rows of millions in no order. With a row in one or two cache lines that costs
// one miss, where a column each would cost one for every column.
//
//   row     header | 16-byte values | 8 | 4 | 2 | 1 | NULL bits, padded to the alignment of the header
//   bytes   up to 12 stand in the row as in an Arrow view; more are in a text store
//
// Row ids are dense and used again; memory.h says how the memory of the rows grows.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/text_store.h"

namespace flott {

using RowId = std::uint32_t;
inline constexpr RowId kNoRow = 0xFFFFFFFFu;

// The name of a column by its position: f0, f1, ...
inline std::string numbered_name(std::size_t position) { return std::string("f").append(std::to_string(position)); }

struct StoredBytes {
  std::int32_t size;
  char prefix[4];
  union {
    char rest[8];
    TextAddress at;
  };

  std::string_view view() const {
    return {size <= kInlineBytesMax ? prefix : TextStore::chars(at), static_cast<std::size_t>(size)};
  }
};
static_assert(sizeof(StoredBytes) == sizeof(ArrowView));

class RowTable {
 public:
  // `header_bytes` is a multiple of `alignment`; values are read and written wherever they stand.
  RowTable(std::vector<ColumnType> types, std::size_t header_bytes, std::size_t alignment);
  ~RowTable();
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  const std::vector<ColumnType>& types() const { return types_; }
  // One more than the largest id in use so far.
  RowId end() const { return end_; }
  std::size_t memory_bytes() const { return capacity_ * stride_ + texts_.memory_bytes(); }

  char* row(RowId id) { return base_ + static_cast<std::size_t>(id) * stride_; }
  const char* row(RowId id) const { return base_ + static_cast<std::size_t>(id) * stride_; }

  // A row of zeros; its columns are written once.
  RowId allocate();
  // The ids of `count` new rows one after the other.
  RowId allocate_run(std::size_t count);
  void release(RowId id);
  void clear();

  // Writes rows `sources` of the frame (its first rows if null) into the rows `ids`.
  void write(Frame& frame, std::span<const RowId> ids, const std::uint32_t* sources);
  // Adds the values of `ids` to the builder; NULL for kNoRow.
  void gather(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const;
  void prefetch(std::span<const RowId> ids) const;
  // Whether columns `positions` of a row equal those of row `source` of the frame, bit by bit.
  bool equals(RowId id, Frame& frame, std::size_t source, std::span<const std::uint32_t> positions);

  std::int64_t integer(RowId id, std::size_t column) const {
    std::int64_t value;
    std::memcpy(&value, row(id) + offsets_[column], sizeof value);
    return value;
  }
  // Whether `read_number` reads columns of this type: integers with a sign, dates and times.
  static bool is_number(const ColumnType& type);
  // Whether there is a value, and which.
  bool read_number(RowId id, std::size_t column, std::int64_t& value) const;
  bool is_null(const char* row, std::size_t column) const {
    return row[nulls_at_ + (column >> 3)] >> (column & 7) & 1;
  }
  // Fails unless the frame has the columns of the table.
  void check(const Frame& frame) const;

 private:
  void reserve(std::size_t rows);
  void write_block(Frame& frame, char* const* rows, const std::uint32_t* sources, std::size_t first,
                   std::size_t count);
  template <typename Source, typename IsNull>
  void keep_block(const Column& column, std::size_t count, Source source, IsNull is_null, StoredBytes* out);
  void clear_row(char* row);
  StoredBytes bytes(RowId id, std::size_t offset) const {
    StoredBytes stored;
    std::memcpy(&stored, row(id) + offset, sizeof stored);
    return stored;
  }
  void gather_bytes(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const;

  std::vector<ColumnType> types_;
  std::vector<Storage> storages_;
  std::vector<std::uint32_t> offsets_;
  std::vector<std::uint32_t> bytes_columns_;
  std::vector<bool> has_nulls_;
  std::size_t header_bytes_ = 0;
  std::size_t nulls_at_ = 0;
  std::size_t stride_ = 0;
  char* base_ = nullptr;
  std::size_t capacity_ = 0;
  RowId end_ = 0;
  std::vector<RowId> free_;
  TextStore texts_;
};

}  // namespace flott
