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
    : types_(std::move(types)), has_nulls_(types_.size()), header_bytes_(header_bytes), alignment_(alignment) {
  for (std::uint32_t i = 0; i < types_.size(); ++i) {
    const Storage storage = types_[i].storage();
    storages_.push_back(storage);
    if (storage == Storage::kBytes) bytes_columns_.push_back(i);
    layout_.widths.push_back(storage == Storage::kInt64 ? kNarrow : static_cast<std::uint8_t>(width_of(storage)));
  }
  lay_out(layout_);
}

RowTable::~RowTable() { free_memory(base_, capacity_ * layout_.stride); }

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
  base_ = static_cast<char*>(grow_memory(base_, capacity_ * layout_.stride, capacity * layout_.stride));
  capacity_ = capacity;
}

// What a row must have before it is written: an empty header, and no bytes to free.
void RowTable::clear_row(char* row) {
  std::memset(row, 0, header_bytes_);
  for (const std::uint32_t column : bytes_columns_) {
    std::memset(row + layout_.offsets[column], 0, layout_.widths[column]);
  }
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
    if (layout_.widths[column] == kReference) {
      const Reference reference = reference_at(row(id) + layout_.offsets[column]);
      if (reference.bits) texts_.release(reference.text(), reference.size());
    } else {
      const StoredBytes stored = bytes(id, column);
      if (stored.size > kInlineBytesMax) texts_.release(stored.at, static_cast<std::size_t>(stored.size));
    }
  }
  free_.push_back(id);
}

void RowTable::clear() {
  free_memory(base_, capacity_ * layout_.stride);
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
  for (std::size_t i = 0; i < count; ++i) std::memset(rows[i] + layout_.nulls_at, 0, layout_.stride - layout_.nulls_at);
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const Column& column = frame.column(c);
    if (column.has_nulls() || storages_[c] == Storage::kNull) {
      has_nulls_[c] = true;
      for (std::size_t i = 0; i < count; ++i) {
        if (column.is_valid(static_cast<std::int64_t>(source(i)))) continue;
        rows[i][layout_.nulls_at + (c >> 3)] |= static_cast<char>(1 << (c & 7));
      }
    }
    const std::size_t offset = layout_.offsets[c];
    const std::uint8_t width = layout_.widths[c];
    const std::size_t null_at = layout_.nulls_at + (c >> 3);
    const auto is_null = [&](std::size_t i) { return has_nulls_[c] && rows[i][null_at] >> (c & 7) & 1; };
    if (storages_[c] == Storage::kNull) continue;
    if (storages_[c] == Storage::kBytes) {
      StoredBytes stored[kBlock];
      keep_block(column, count, source, is_null, stored);
      for (std::size_t i = 0; i < count; ++i) {
        if (width == kReference) {
          const Reference reference = reference_to(stored[i]);
          std::memcpy(rows[i] + offset, &reference, sizeof reference);
        } else {
          std::memcpy(rows[i] + offset, &stored[i], sizeof stored[i]);
        }
      }
      continue;
    }
    if (storages_[c] == Storage::kInt64 && width == kNarrow) {
      const auto* const values = column.values<std::int64_t>();
      for (std::size_t i = 0; i < count; ++i) {
        const auto narrow = static_cast<std::int32_t>(is_null(i) ? 0 : values[source(i)]);
        std::memcpy(rows[i] + offset, &narrow, sizeof narrow);
      }
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
  if (!has_chosen_ && end_ >= kSample + ids.size()) choose_references();
  fit(frame);
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
  if (is_null(at, column)) return false;
  const auto read = [&](auto number) {
    std::memcpy(&number, at + layout_.offsets[column], sizeof number);
    value = number;
  };
  switch (storages_[column]) {
    case Storage::kInt8: read(std::int8_t{}); break;
    case Storage::kInt16: read(std::int16_t{}); break;
    case Storage::kInt32: read(std::int32_t{}); break;
    default: value = integer(id, column);
  }
  return true;
}

void RowTable::prefetch(std::span<const RowId> ids) const {
  for (const RowId id : ids) {
    if (id == kNoRow) continue;
    const char* const at = row(id);
    for (std::size_t offset = 0; offset < layout_.stride; offset += kLine) __builtin_prefetch(at + offset);
  }
}

void RowTable::gather_bytes(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const {
  const bool has_nulls = has_nulls_[column];
  const std::size_t offset = layout_.offsets[column];
  const bool is_reference = layout_.widths[column] == kReference;
  for (const RowId id : ids) {
    if (id == kNoRow || (has_nulls && is_null(row(id), column))) continue;
    if (is_reference) {
      const Reference reference = reference_at(row(id) + offset);
      if (reference.bits) TextStore::prefetch(reference.text());
      continue;
    }
    const StoredBytes stored = bytes(id, column);
    if (stored.size > kInlineBytesMax) TextStore::prefetch(stored.at);
  }
  const std::int64_t first = out.length();
  ArrowView* const entries = out.extend<ArrowView>(static_cast<std::int64_t>(ids.size()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ArrowView entry{};
    if (ids[i] == kNoRow || (has_nulls && is_null(row(ids[i]), column))) {
      out.set_null(first + static_cast<std::int64_t>(i));
    } else {
      const StoredBytes stored = bytes(ids[i], column);
      std::memcpy(&entry, &stored, sizeof entry);
      if (stored.size > kInlineBytesMax) TextStore::write(stored.at, stored.view(), out, entry);
    }
    std::memcpy(entries + i, &entry, sizeof entry);
  }
}

void RowTable::gather(std::size_t column, std::span<const RowId> ids, ColumnBuilder& out) const {
  const bool has_nulls = has_nulls_[column];
  const std::size_t offset = layout_.offsets[column];
  const auto is_missing = [&](RowId id) { return id == kNoRow || (has_nulls && is_null(row(id), column)); };
  switch (storages_[column]) {
    case Storage::kNull:
      for (std::size_t i = 0; i < ids.size(); ++i) out.push_null();
      return;
    case Storage::kBytes:
      if (types_[column].is_nested()) {
        for (const RowId id : ids) {
          if (is_missing(id)) out.push_null(); else out.push_bytes(bytes(id, column).view());
        }
        return;
      }
      gather_bytes(column, ids, out);
      return;
    case Storage::kInt64:
      if (layout_.widths[column] == kNarrow) {
        const std::int64_t first = out.length();
        auto* const values = out.extend<std::int64_t>(static_cast<std::int64_t>(ids.size()));
        for (std::size_t i = 0; i < ids.size(); ++i) {
          const bool is_missing_here = is_missing(ids[i]);
          values[i] = is_missing_here ? 0 : integer(ids[i], column);
          if (is_missing_here) out.set_null(first + static_cast<std::int64_t>(i));
        }
        return;
      }
      [[fallthrough]];
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
      const StoredBytes stored = bytes(id, position);
      if (stored.view() != column.bytes(static_cast<std::int64_t>(source))) return false;
      continue;
    }
    if (storages_[position] == Storage::kInt64) {
      if (integer(id, position) != column.values<std::int64_t>()[source]) return false;
      continue;
    }
    const bool is_equal = with_type(storages_[position], [&](auto zero) {
      return std::memcmp(at + layout_.offsets[position], column.values<decltype(zero)>() + source, sizeof zero) == 0;
    });
    if (!is_equal) return false;
  }
  return true;
}

}  // namespace flott
