// Columns that kernels write, handed out as Arrow arrays.
//
// A builder is filled row by row, or, for fixed widths, through the pointer that `extend` returns.
// Batch is a finished set of columns; export moves it into an ArrowArrayStream of one batch.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "flott/columns.h"

namespace flott {

// Memory that grows without being set to zero first.
class Buffer {
 public:
  char* data() { return data_.get(); }
  const char* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  char* extend(std::size_t bytes) {
    if (size_ + bytes > capacity_) grow(size_ + bytes);
    char* const at = data_.get() + size_;
    size_ += bytes;
    return at;
  }
  void append(const void* bytes, std::size_t size) {
    if (size) std::memcpy(extend(size), bytes, size);
  }
  void reserve(std::size_t bytes) {
    if (size_ + bytes > capacity_) grow(size_ + bytes);
  }
  // Forgets what is behind the first `bytes`.
  void shrink(std::size_t bytes) { size_ = bytes; }
  char* release() { return data_.release(); }

 private:
  void grow(std::size_t needed);
  struct Free {
    void operator()(char* at) const { std::free(at); }
  };
  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class ColumnBuilder {
 public:
  explicit ColumnBuilder(ColumnType type);

  const ColumnType& type() const { return type_; }
  std::int64_t length() const { return length_; }
  void rename(std::string name) { type_.name = std::move(name); }

  // Room for `count` values of fixed width, all valid; the caller writes every one of them.
  template <typename T>
  T* extend(std::int64_t count) {
    length_ += count;
    return reinterpret_cast<T*>(values_.extend(static_cast<std::size_t>(count) * sizeof(T)));
  }
  template <typename T>
  void push(T value) { *extend<T>(1) = value; }
  // Room for so many more values without growing step by step.
  void reserve(std::int64_t count) { values_.reserve(static_cast<std::size_t>(count) * width_of(storage_)); }
  // Room for bytes that entries will refer to, likewise.
  void reserve_bytes(std::size_t count);
  // The entry for `bytes`, which the column keeps where they do not fit in; for extend<ArrowView>.
  ArrowView keep(std::string_view bytes) {
    ArrowView entry = Column::entry_of(bytes);
    if (entry.size > kInlineBytesMax) keep_long(bytes, entry);
    return entry;
  }
  // Long bytes only; sets where they are.
  void keep_long(std::string_view bytes, ArrowView& entry);
  // What tells the last buffer of long bytes from all others of this process; 0 before the first.
  std::uint64_t chars_mark() const { return chars_mark_; }
  std::int32_t last_chars() const { return static_cast<std::int32_t>(chars_.size()) - 1; }
  // Bytes of a string, or the encoded value of a nested type.
  void push_bytes(std::string_view bytes);
  // Bytes of a string behind which kReadAhead more may be read.
  static constexpr std::size_t kReadAhead = 16;
  void push_padded(const char* at, std::size_t size);
  void push_null();
  // Makes a row NULL that `extend` made.
  void set_null(std::int64_t row);
  // An encoded value of any type (value_codec.h) at `at`, which is moved past it.
  void push_encoded(const char*& at);
  // Takes back all rows from `length` on, and parts of a nested value that was not closed.
  void truncate(std::int64_t length);

  // A nested value is built by pushing its parts into the children and closing it.
  ColumnBuilder& child(std::size_t index) { return children_[index]; }
  void close_struct() { ++length_; }
  void close_list() {
    const std::int64_t end = children_[0].length();
    values_.append(&end, sizeof end);
    ++length_;
  }

  // Whether the value at `row` is that of `other`, of the same type, at `other_row`.
  bool equal(std::int64_t row, const ColumnBuilder& other, std::int64_t other_row) const;
  // Fills an empty column that is not nested: `rows` values as they stand in memory, a bit for each that
  // is not NULL if there are NULLs, and the bytes that views point to.
  void fill(std::int64_t rows, const char* values, const char* validity, std::int64_t nulls,
            std::string_view chars);
  // Appends rows of two columns of this type: pick >> 1 is the row, pick & 1 the column.
  void gather(const ColumnBuilder& first, const ColumnBuilder& second, std::span<const std::uint32_t> picks);

  void finish(ArrowArray* out);

 private:
  bool is_valid(std::int64_t row) const {
    const auto byte = static_cast<std::size_t>(row >> 3);
    return byte >= validity_.size() ? storage_ != Storage::kNull : validity_[byte] >> (row & 7) & 1;
  }
  template <typename T>
  const T* values() const { return reinterpret_cast<const T*>(values_.data()); }
  std::string_view view(std::int64_t row) const;
  void push_from(const ColumnBuilder& other, std::int64_t row);
  void add_row() { ++length_; }
  void add_chars();
  char* extend_chars(std::size_t size, ArrowView& entry);
  void push_view(std::string_view bytes);
  void push_list(const char*& at);

  ColumnType type_;
  Storage storage_;
  bool is_list_ = false;
  bool is_struct_ = false;
  std::int64_t length_ = 0;
  std::int64_t null_count_ = 0;
  std::vector<std::uint8_t> validity_;  // bits up to the last NULL; rows behind them are valid
  Buffer values_;                       // or offsets of a list, or views
  std::vector<Buffer> chars_;
  std::uint64_t chars_mark_ = 0;
  std::vector<ColumnBuilder> children_;
};

// Columns of equal length.
class Batch {
 public:
  Batch() = default;
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;

  void add(ColumnBuilder&& column) { columns_.push_back(std::move(column)); }
  ColumnBuilder& column(std::size_t index) { return columns_.at(index); }
  std::size_t width() const { return columns_.size(); }
  std::int64_t rows() const { return columns_.empty() ? 0 : columns_[0].length(); }
  // Moves the contents out; the batch is empty then. Columns are named by their types.
  void export_to(ArrowSchema* schema, ArrowArray* array);

 private:
  std::vector<ColumnBuilder> columns_;
};

void export_type(const ColumnType& type, ArrowSchema* out);
// The columns as a frame of their own.
std::unique_ptr<Frame> as_frame(Batch&& batch);
// A stream of the one batch.
void export_stream(Batch&& batch, ArrowArrayStream* out);

}  // namespace flott
