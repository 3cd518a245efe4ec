// The forms in which values stand in the rows of a RowTable, and the change from one to another.
#include <algorithm>

#include "flott/memory.h"
#include "flott/row_table.h"

namespace flott {
namespace {

// What the size of a text that has a reference is below.
constexpr std::uint64_t kSizeEnd = std::uint64_t{1} << 16;

bool is_narrow(const Column& column) {
  const auto* const values = column.values<std::int64_t>();
  std::uint64_t wide = 0;
  for (std::int64_t i = 0; i < column.length; ++i) {
    wide |= static_cast<std::uint64_t>(values[i]) + (std::uint64_t{1} << 31);
  }
  return wide >> 32 == 0;
}

bool has_huge_text(const Column& column) {
  for (std::int64_t i = 0; i < column.length; ++i) {
    if (column.is_valid(i) && static_cast<std::uint64_t>(column.entry(i).size) >= kSizeEnd) return true;
  }
  return false;
}

}  // namespace

void RowTable::lay_out(Layout& layout) const {
  layout.offsets.resize(types_.size());
  std::size_t at = header_bytes_;
  for (const std::size_t width : {16, 8, 4, 2, 1}) {
    for (std::size_t i = 0; i < types_.size(); ++i) {
      if (layout.widths[i] != width) continue;
      layout.offsets[i] = static_cast<std::uint32_t>(at);
      at += width;
    }
  }
  layout.nulls_at = at;
  if (layout.has_null_bits) at += (types_.size() + 7) / 8;
  layout.stride = std::max<std::size_t>(1, (at + alignment_ - 1) / alignment_) * alignment_;
}

StoredBytes RowTable::bytes_at(const char* at, std::uint8_t width) {
  StoredBytes bytes{};
  if (width != kReference) {
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  }
  const Reference reference = reference_at(at);
  bytes.size = static_cast<std::int32_t>(reference.size());
  if (bytes.size == 0) return bytes;
  const TextAddress text = reference.text();
  if (bytes.size <= kInlineBytesMax) {
    std::memcpy(reinterpret_cast<char*>(&bytes) + sizeof bytes.size, TextStore::chars(text),
                static_cast<std::size_t>(bytes.size));
  } else {
    std::memcpy(bytes.prefix, TextStore::chars(text), sizeof bytes.prefix);
    bytes.at = text;
  }
  return bytes;
}

RowTable::Reference RowTable::reference_to(const StoredBytes& bytes) {
  if (bytes.size == 0) return {};
  const TextAddress text = bytes.size > kInlineBytesMax ? bytes.at : texts_.keep_plain(bytes.view());
  return {static_cast<std::uint64_t>(bytes.size) << 48 | text};
}

void RowTable::convert_row(const char* from, const Layout& before, char* to, const Layout& after) {
  std::memcpy(to, from, header_bytes_);
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const char* const old = from + before.offsets[c];
    char* const now = to + after.offsets[c];
    if (before.widths[c] == after.widths[c]) {
      std::memcpy(now, old, after.widths[c]);
    } else if (storages_[c] == Storage::kInt64) {
      const std::int64_t value = integer_at(old, before.widths[c]);
      std::memcpy(now, &value, sizeof value);
    } else if (after.widths[c] == kReference) {
      const Reference reference = reference_to(bytes_at(old, before.widths[c]));
      std::memcpy(now, &reference, sizeof reference);
    } else {
      const StoredBytes bytes = bytes_at(old, before.widths[c]);
      std::memcpy(now, &bytes, sizeof bytes);
      if (bytes.size && bytes.size <= kInlineBytesMax) texts_.release(reference_at(old).text(), reference_at(old).size());
    }
  }
  if (!after.has_null_bits) return;
  const std::size_t null_bytes = (types_.size() + 7) / 8;
  if (before.has_null_bits) std::memcpy(to + after.nulls_at, from + before.nulls_at, null_bytes);
  else std::memset(to + after.nulls_at, 0, null_bytes);
}

std::vector<bool> RowTable::free_rows() const {
  std::vector<bool> is_free(end_);
  for (const RowId id : free_) is_free[id] = true;
  return is_free;
}

void RowTable::change_layout(Layout next) {
  lay_out(next);
  if (!capacity_) {
    layout_ = std::move(next);
    return;
  }
  const std::vector<bool> is_free = free_rows();
  char* const rows = static_cast<char*>(grow_memory(nullptr, 0, capacity_ * next.stride));
  for (RowId id = 0; id < end_; ++id) {
    if (!is_free[id]) convert_row(row(id), layout_, rows + static_cast<std::size_t>(id) * next.stride, next);
  }
  free_memory(base_, capacity_ * layout_.stride);
  base_ = rows;
  layout_ = std::move(next);
}

void RowTable::fit(Frame& frame) {
  bool is_fit = true;
  Layout next;
  const auto changed = [&]() -> Layout& {
    if (is_fit) next = layout_;
    is_fit = false;
    return next;
  };
  for (std::size_t c = 0; c < types_.size(); ++c) {
    const Column& column = frame.column(c);
    const bool has_nulls = column.has_nulls() || storages_[c] == Storage::kNull;
    if (has_nulls && !layout_.has_null_bits) changed().has_null_bits = true;
    const std::uint8_t width = layout_.widths[c];
    if (storages_[c] == Storage::kInt64 && width == kNarrow && !is_narrow(column)) changed().widths[c] = 8;
    if (storages_[c] == Storage::kBytes && width == kReference && has_huge_text(column)) changed().widths[c] = 16;
  }
  if (!is_fit) change_layout(std::move(next));
}

void RowTable::choose_references() {
  has_chosen_ = true;
  Layout next = layout_;
  bool is_changed = false;
  const std::vector<bool> is_free = free_rows();
  for (const std::uint32_t column : bytes_columns_) {
    std::size_t long_texts = 0, short_texts = 0;
    bool has_huge = false;
    for (RowId id = 0; id < end_; ++id) {
      if (is_free[id]) continue;
      const std::int32_t size = bytes(id, column).size;
      has_huge |= static_cast<std::uint64_t>(size) >= kSizeEnd;
      long_texts += size > kInlineBytesMax;
      short_texts += size > 0 && size <= kInlineBytesMax;
    }
    if (has_huge || long_texts < kSample / 2 || short_texts > long_texts / 16) continue;
    next.widths[column] = kReference;
    is_changed = true;
  }
  if (is_changed) change_layout(std::move(next));
}

}  // namespace flott
