// Loops go block by block, column by column: the rows of a block stay in the nearest cache while
// every column is moved, and each inner loop is of one type.
#include "flott/row_table.h"

#include <algorithm>
#include <stdexcept>

#include "flott/memory.h"

namespace flott {
namespace {

constexpr std::size_t kBlock = TextStore::kBlock;
constexpr std::size_t kLine = 64;

}  // namespace

RowTable::RowTable(std::vector<ColumnType> types, std::size_t header_bytes, std::size_t alignment)
    : types_(std::move(types)), offsets_(types_.size()), has_nulls_(types_.size()), header_bytes_(header_bytes) {
  for (const ColumnType& type : types_) storages_.push_back(type.storage());
  std::size_t at = header_bytes;
  for (const std::size_t width : {16, 8, 4, 2, 1}) {
    for (std::size_t i = 0; i < types_.size(); ++i) {
      if (width_of(storages_[i]) != width) continue;
      offsets_[i] = static_cast<std::uint32_t>(at);
      at += width;
    }
  }
  for (std::uint32_t i = 0; i < types_.size(); ++i) {
    if (storages_[i] == Storage::kBytes) bytes_columns_.push_back(i);
  }
  nulls_at_ = at;
  stride_ = (at + (types_.size() + 7) / 8 + alignment - 1) / alignment * alignment;
}

RowTable::~RowTable() { free_memory(base_, capacity_ * stride_); }

void RowTable::check(const Frame& frame) const {
  if (frame.width() != types_.size()) throw std::invalid_argument("a row store got another number of columns");
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (frame.type(i).storage() != storages_[i]) {
      throw std::invalid_argument("column " + std::to_string(i) + " has Arrow format '" + frame.type(i).format +
                                  "' where the row store has '" + types_[i].format + "'");
    }
  }
}

void RowTable::reserve(std::size_t rows) {
  if (rows <= capacity_) return;
  if (rows >= kNoRow) throw std::length_error("a row store is full");
  const std::size_t capacity = std::max({rows, capacity_ + capacity_ / 2, std::size_t{16}});
  base_ = static_cast<char*>(grow_memory(base_, capacity_ * stride_, capacity * stride_));
  capacity_ = capacity;
}

// What a row must have before it is written: an empty header, and no bytes to free.
void RowTable::clear_row(char* row) {
  std::memset(row, 0, header_bytes_);
  for (const std::uint32_t column : bytes_columns_) std::memset(row + offsets_[column], 0, sizeof(StoredBytes));
}

RowId RowTable::allocate() {
  RowId id;
  if (free_.empty()) {
    reserve(std::size_t{end_} + 1);
    id = end_++;
  } else {
    id = free_.back();
    free_.pop_back();
  }
  clear_row(row(id));
  return id;
}

RowId RowTable::allocate_run(std::size_t count) {
  reserve(std::size_t{end_} + count);
  const RowId first = end_;
  end_ += static_cast<RowId>(count);
  for (std::size_t i = 0; i < count; ++i) clear_row(row(first + static_cast<RowId>(i)));
  return first;
}

void RowTable::release(RowId id) {
  for (const std::uint32_t column : bytes_columns_) {
    StoredBytes bytes;
    std::memcpy(&bytes, row(id) + offsets_[column], sizeof bytes);
    if (bytes.size > kInlineBytesMax) texts_.release(bytes.at, static_cast<std::size_t>(bytes.size));
  }
  free_.push_back(id);
}

void RowTable::clear() {
  free_memory(base_, capacity_ * stride_);
  base_ = nullptr;
  capacity_ = 0;
  end_ = 0;
  free_.clear();
  free_.shrink_to_fit();
  texts_.clear();
}

// Short bytes stand in the entry; the long ones of a block are kept together.
template <typename Source, typename IsNull>
void RowTable::keep_block(const Column& column, std::size_t count, Source source, IsNull is_null, StoredBytes* out) {
  std::string_view texts[kBlock];
  TextAddress kept[kBlock];
  std::size_t long_texts = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = StoredBytes{};
    if (is_null(i)) continue;
    const auto at = static_cast<std::int64_t>(source(i));
    const ArrowView entry = column.entry(at);
    std::memcpy(&out[i], &entry, sizeof entry);
    if (entry.size > kInlineBytesMax) texts[long_texts++] = column.bytes(at);
  }
  texts_.keep({texts, long_texts}, kept);
  const TextAddress* next = kept;
  for (std::size_t i = 0; i < count; ++i) {
    if (out[i].size > kInlineBytesMax) out[i].at = *next++;
  }
}

void RowTable::write_block(Frame& frame, char* const* rows, const std::uint32_t* sources, std::size_t first,
                           std::size_t count) {
  const auto source = [&](std::size_t i) { return sources ? sources[first + i] : first + i; };
  for (std::size_t i = 0; i < count; ++i) std::memset(rows[i] + nulls_at_, 0, stride_ - nulls_at_);
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const Column& column = frame.column(c);
    if (column.has_nulls() || storages_[c] == Storage::kNull) {
      has_nulls_[c] = true;
      for (std::size_t i = 0; i < count; ++i) {
        if (column.is_valid(static_cast<std::int64_t>(source(i)))) continue;
        rows[i][nulls_at_ + (c >> 3)] |= static_cast<char>(1 << (c & 7));
      }
    }
    const std::size_t offset = offsets_[c];
    const std::size_t null_at = nulls_at_ + (c >> 3);
    const auto is_null = [&](std::size_t i) { return has_nulls_[c] && rows[i][null_at] >> (c & 7) & 1; };
    if (storages_[c] == Storage::kNull) continue;
    if (storages_[c] == Storage::kBytes) {
      StoredBytes stored[kBlock];
      keep_block(column, count, source, is_null, stored);
      for (std::size_t i = 0; i < count; ++i) std::memcpy(rows[i] + offset, &stored[i], sizeof stored[i]);
      continue;
    }
    with_type(storages_[c], [&](auto zero) {
      using T = decltype(zero);
      const T* const values = column.values<T>();
      for (std::size_t i = 0; i < count; ++i) {
        if (!is_null(i)) std::memcpy(rows[i] + offset, values + source(i), sizeof(T));
      }
    });
  }
}

void RowTable::write(Frame& frame, std::span<const RowId> ids, const std::uint32_t* sources) {
  char* rows[kBlock];
  texts_.start_frame();
  for (std::size_t first = 0; first < ids.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, ids.size() - first);
    for (std::size_t i = 0; i < count; ++i) rows[i] = row(ids[first + i]);
    write_block(frame, rows, sources, first, count);
  }
}

bool RowTable::is_number(const ColumnType& type) {
  const Storage storage = type.storage();
  const bool is_integer = storage == Storage::kInt8 || storage == Storage::kInt16 || storage == Storage::kInt32 ||
                          storage == Storage::kInt64;
  return is_integer && !type.is_unsigned();
}

bool RowTable::read_number(RowId id, std::size_t column, std::int64_t& value) const {
  const char* const at = row(id);
  if (has_nulls_[column] && is_null(at, column)) return false;
  const auto read = [&](auto number) {
    std::memcpy(&number, at + offsets_[column], sizeof number);
    value = number;
  };
  switch (storages_[column]) {
    case Storage::kInt8: read(std::int8_t{}); break;
    case Storage::kInt16: read(std::int16_t{}); break;
    case Storage::kInt32: read(std::int32_t{}); break;
    default: read(std::int64_t{});
  }
  return true;
}

void RowTable::prefetch(std::span<const RowId> ids) const {
  for (const RowId id : ids) {
    if (id == kNoRow) continue;
    const char* const at = row(id);
    for (std::size_t offset = 0; offset < stride_; offset += kLine) __builtin_prefetch(at + offset);
  }
}

void RowTable::gather_bytes(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const {
  const bool has_nulls = has_nulls_[column];
  const std::size_t offset = offsets_[column];
  for (const RowId id : ids) {
    if (id == kNoRow || (has_nulls && is_null(row(id), column))) continue;
    const StoredBytes stored = bytes(id, offset);
    if (stored.size > kInlineBytesMax) TextStore::prefetch(stored.at);
  }
  const std::int64_t first = out.length();
  ArrowView* const entries = out.extend<ArrowView>(static_cast<std::int64_t>(ids.size()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ArrowView entry{};
    if (ids[i] == kNoRow || (has_nulls && is_null(row(ids[i]), column))) {
      out.set_null(first + static_cast<std::int64_t>(i));
    } else {
      const StoredBytes stored = bytes(ids[i], offset);
      std::memcpy(&entry, &stored, sizeof entry);
      if (stored.size > kInlineBytesMax) TextStore::write(stored.at, stored.view(), out, entry);
    }
    std::memcpy(entries + i, &entry, sizeof entry);
  }
}

void RowTable::gather(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const {
  const bool has_nulls = has_nulls_[column];
  const std::size_t offset = offsets_[column];
  const auto is_missing = [&](RowId id) { return id == kNoRow || (has_nulls && is_null(row(id), column)); };
  switch (storages_[column]) {
    case Storage::kNull:
      for (std::size_t i = 0; i < ids.size(); ++i) out.push_null();
      return;
    case Storage::kBytes:
      if (types_[column].is_nested()) {
        for (const RowId id : ids) {
          if (is_missing(id)) out.push_null(); else out.push_bytes(bytes(id, offset).view());
        }
        return;
      }
      gather_bytes(column, ids, out);
      return;
    default:
      with_type(storages_[column], [&](auto zero) {
        using T = decltype(zero);
        const std::int64_t first = out.length();
        T* const values = out.extend<T>(static_cast<std::int64_t>(ids.size()));
        for (std::size_t i = 0; i < ids.size(); ++i) {
          T value{};
          if (is_missing(ids[i])) {
            out.set_null(first + static_cast<std::int64_t>(i));
          } else {
            std::memcpy(&value, row(ids[i]) + offset, sizeof value);
          }
          std::memcpy(values + i, &value, sizeof value);
        }
      });
  }
}

bool RowTable::equals(RowId id, Frame& frame, std::size_t source, std::span<const std::uint32_t> positions) {
  const char* const at = row(id);
  for (const std::uint32_t position : positions) {
    const Column& column = frame.column(position);
    const bool is_valid = column.is_valid(static_cast<std::int64_t>(source));
    if (is_valid == is_null(at, position)) return false;
    if (!is_valid) continue;
    if (storages_[position] == Storage::kBytes) {
      StoredBytes stored;
      std::memcpy(&stored, at + offsets_[position], sizeof stored);
      if (stored.view() != column.bytes(static_cast<std::int64_t>(source))) return false;
      continue;
    }
    const bool is_equal = with_type(storages_[position], [&](auto zero) {
      return std::memcmp(at + offsets_[position], column.values<decltype(zero)>() + source, sizeof zero) == 0;
    });
    if (!is_equal) return false;
  }
  return true;
}

}  // namespace flott
