// Rows of any column types, each in one piece of memory: a header, the values, a bit for each NULL.
//
// A join touches a few rows of millions in no order. With a row in one or two cache lines that costs
// one miss, where a column each would cost one for every column.
//
//   row     header | 16-byte values | 8 | 4 | 2 | 1 | NULL bits, padded to the alignment of the header
//   bytes   up to 12 stand in the row as in an Arrow view; more are in a text store
//
// Rows are as narrow as what came so far allows: numbers of 64 bits stand in 32; there are no NULL bits
// before the first NULL; and a column whose texts are long has only where they are, with the size in the
// bits that an address does not use. What does not fit any more has all rows written anew, once a column.
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
  std::size_t memory_bytes() const { return capacity_ * layout_.stride + texts_.memory_bytes(); }

  char* row(RowId id) { return base_ + static_cast<std::size_t>(id) * layout_.stride; }
  const char* row(RowId id) const { return base_ + static_cast<std::size_t>(id) * layout_.stride; }

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

  // A value of 64 bits.
  std::int64_t integer(RowId id, std::size_t column) const {
    return integer_at(row(id) + layout_.offsets[column], layout_.widths[column]);
  }
  // Whether `read_number` reads columns of this type: integers with a sign, dates and times.
  static bool is_number(const ColumnType& type);
  // Whether there is a value, and which.
  bool read_number(RowId id, std::size_t column, std::int64_t& value) const;
  bool is_null(const char* row, std::size_t column) const {
    return has_nulls_[column] && row[layout_.nulls_at + (column >> 3)] >> (column & 7) & 1;
  }
  // Fails unless the frame has the columns of the table.
  void check(const Frame& frame) const;

 private:
  struct Layout {
    std::vector<std::uint8_t> widths;  // of the columns' values
    bool has_null_bits = false;
    std::vector<std::uint32_t> offsets;
    std::size_t nulls_at = 0;
    std::size_t stride = 0;
  };
  static constexpr std::uint8_t kNarrow = 4;     // of a number of 64 bits
  static constexpr std::uint8_t kReference = 8;  // of bytes
  static constexpr RowId kSample = 4096;         // so many rows show what the texts of a column are like

  // A reference is the address of a text, which has fewer than 2^48, and above it the size.
  struct Reference {
    std::uint64_t bits = 0;

    std::size_t size() const { return bits >> 48; }
    TextAddress text() const { return bits & 0xFFFFFFFFFFFF; }
  };
  static Reference reference_at(const char* at) {
    Reference reference;
    std::memcpy(&reference, at, sizeof reference);
    return reference;
  }
  // That of a text of the store; short ones, of which such a column has few, are kept there for it.
  Reference reference_to(const StoredBytes& bytes);

  // Settles where values stand by their widths.
  void lay_out(Layout& layout) const;
  void change_layout(Layout next);
  void convert_row(const char* from, const Layout& before, char* to, const Layout& after);
  std::vector<bool> free_rows() const;
  // Sees to it that the values of a frame can stand in rows.
  void fit(Frame& frame);
  void choose_references();
  void reserve(std::size_t rows);
  void write_block(Frame& frame, char* const* rows, const std::uint32_t* sources, std::size_t first,
                   std::size_t count);
  template <typename Source, typename IsNull>
  void keep_block(const Column& column, std::size_t count, Source source, IsNull is_null, StoredBytes* out);
  void clear_row(char* row);
  static std::int64_t integer_at(const char* at, std::uint8_t width) {
    if (width == kNarrow) {
      std::int32_t narrow;
      std::memcpy(&narrow, at, sizeof narrow);
      return narrow;
    }
    std::int64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  static StoredBytes bytes_at(const char* at, std::uint8_t width);
  StoredBytes bytes(RowId id, std::size_t column) const {
    return bytes_at(row(id) + layout_.offsets[column], layout_.widths[column]);
  }
  void gather_bytes(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const;

  std::vector<ColumnType> types_;
  std::vector<Storage> storages_;
  Layout layout_;
  std::vector<std::uint32_t> bytes_columns_;
  std::vector<bool> has_nulls_;
  std::size_t header_bytes_ = 0;
  std::size_t alignment_ = 0;
  bool has_chosen_ = false;  // which columns have references
  char* base_ = nullptr;
  std::size_t capacity_ = 0;
  RowId end_ = 0;
  std::vector<RowId> free_;
  TextStore texts_;
};

}  // namespace flott
