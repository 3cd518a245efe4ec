// Columns that kernels read: typed views of Arrow arrays, without a copy where one can be avoided.
//
//   Frame          owns an imported record batch; column(i) is ready for kernels at its first use
//   Column         length, validity and values of one of few storage kinds
//   ColumnType     what the values are called in Arrow, to write others of the same type
//
// Kernels know ten storage kinds. Dates, times, timestamps and durations are the integers that hold
// them; a boolean is a byte; strings and bytes are kBytes in one of three layouts. Values of nested
// types (lists, structs) become kBytes, too: one canonical encoding each (value_codec.h), so that
// every kernel takes them as keys and values.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "flott/arrow_abi.h"

namespace flott {

using Int128 = __int128;
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xFFFFFFFFu;

enum class Storage : std::uint8_t {
  kNull, kBool, kInt8, kInt16, kInt32, kInt64, kInt128, kFloat32, kFloat64, kBytes
};

// Bytes of a value; 0 for kNull, 16 for kBytes (a view).
std::size_t width_of(Storage storage);

struct ColumnType {
  std::string format;
  std::string name;
  std::vector<ColumnType> children;

  static ColumnType from(const ArrowSchema& schema);
  Storage storage() const;
  bool is_nested() const { return format[0] == '+'; }
  bool is_view() const { return format[0] == 'v'; }
  bool is_unsigned() const;
  // Digits before which a decimal overflows, and digits after its point.
  int decimal_precision() const;
  int decimal_scale() const;
};

class UnsupportedColumn : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

class Column {
 public:
  Storage storage = Storage::kNull;
  std::int64_t length = 0;

  bool has_nulls() const { return validity_ != nullptr; }
  bool is_valid(std::int64_t row) const {
    if (!validity_) return storage != Storage::kNull;
    const std::int64_t bit = row + offset_;
    return validity_[bit >> 3] >> (bit & 7) & 1;
  }
  template <typename T>
  const T* values() const {
    return static_cast<const T*>(values_);
  }
  std::string_view bytes(std::int64_t row) const {
    if (views_) return view(views_[row]);
    if (offsets64_) {
      return {chars_ + offsets64_[row], static_cast<std::size_t>(offsets64_[row + 1] - offsets64_[row])};
    }
    return {chars_ + offsets32_[row], static_cast<std::size_t>(offsets32_[row + 1] - offsets32_[row])};
  }
  // The value at `row` as the entry of a view column; where the bytes of a long one are, it does not say.
  ArrowView entry(std::int64_t row) const { return views_ ? views_[row] : entry_of(bytes(row)); }
  static ArrowView entry_of(std::string_view bytes);
  // A column over numbers in memory that outlives it.
  static Column over(const std::uint32_t* values, std::int64_t length);

 private:
  friend class Frame;
  std::string_view view(const ArrowView& entry) const {
    const auto size = static_cast<std::size_t>(entry.size);
    if (entry.size <= kInlineBytesMax) return {entry.prefix, size};
    return {static_cast<const char*>(buffers_[entry.buffer]) + entry.offset, size};
  }

  const std::uint8_t* validity_ = nullptr;
  std::int64_t offset_ = 0;
  const void* values_ = nullptr;
  const ArrowView* views_ = nullptr;
  const void* const* buffers_ = nullptr;
  const std::int64_t* offsets64_ = nullptr;
  const std::int32_t* offsets32_ = nullptr;
  const char* chars_ = nullptr;
  std::shared_ptr<void> owned_;
};

// Calls visit(T{}) with the C++ type of fixed-width `storage`; a boolean is a std::uint8_t.
template <typename Visit>
decltype(auto) with_type(Storage storage, Visit&& visit) {
  switch (storage) {
    case Storage::kBool: return visit(std::uint8_t{});
    case Storage::kInt8: return visit(std::int8_t{});
    case Storage::kInt16: return visit(std::int16_t{});
    case Storage::kInt32: return visit(std::int32_t{});
    case Storage::kInt64: return visit(std::int64_t{});
    case Storage::kInt128: return visit(Int128{});
    case Storage::kFloat32: return visit(float{});
    case Storage::kFloat64: return visit(double{});
    default: throw std::logic_error("a column of fixed width is needed here");
  }
}

// A record batch taken over from whoever exported it. Not copied, moved by pointer.
class Frame {
 public:
  // Takes the contents of both structs; `array` is a struct array without a validity bitmap.
  Frame(ArrowSchema* schema, ArrowArray* array);
  ~Frame();
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  std::int64_t rows() const { return array_.length; }
  std::size_t width() const { return types_.size(); }
  const ColumnType& type(std::size_t index) const { return types_.at(index); }
  const std::vector<ColumnType>& types() const { return types_; }
  // Not thread-safe: a frame belongs to one call.
  const Column& column(std::size_t index);

 private:
  ArrowArray array_;
  std::vector<ColumnType> types_;
  std::vector<std::unique_ptr<Column>> columns_;
};

}  // namespace flott
