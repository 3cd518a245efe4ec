// Column by column over a block of rows, so that the loops are tight and typed.
#include "flott/column_hash.h"

namespace flott {
namespace {

template <typename Hash>
void fold(const Column& column, std::int64_t first, std::int64_t count, bool is_first,
          std::uint64_t* out, Hash hash) {
  const auto put = [&](std::int64_t i, std::uint64_t value) {
    out[i] = is_first ? value : combine_hashes(out[i], value);
  };
  if (column.has_nulls()) {
    for (std::int64_t i = 0; i < count; ++i) {
      put(i, column.is_valid(first + i) ? hash(first + i) : kNullHash);
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i) put(i, hash(first + i));
  }
}

}  // namespace

void hash_rows(std::span<const Column* const> columns, std::int64_t first, std::int64_t count,
               std::uint64_t* out) {
  if (columns.empty()) std::fill_n(out, count, std::uint64_t{0});
  bool is_first = true;
  for (const Column* column : columns) {
    if (column->storage == Storage::kNull) {
      fold(*column, first, count, is_first, out, [](std::int64_t) { return kNullHash; });
    } else if (column->storage == Storage::kBytes) {
      fold(*column, first, count, is_first, out, [&](std::int64_t row) {
        const ArrowView entry = column->entry(row);
        return entry.size <= kInlineBytesMax ? hash_value(entry) : hash_value(column->bytes(row));
      });
    } else {
      with_type(column->storage, [&](auto zero) {
        const auto* values = column->values<decltype(zero)>();
        fold(*column, first, count, is_first, out, [=](std::int64_t row) { return hash_value(values[row]); });
      });
    }
    is_first = false;
  }
}

}  // namespace flott
