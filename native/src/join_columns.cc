// The columns of what a join step gives: values of the batch, of the store, and of the rows it met.
#include <algorithm>

#include "flott/join_step.h"

namespace flott {
namespace {

constexpr std::size_t kBlock = 64;

}  // namespace

void gather_frame(const Column& column, std::span<const std::uint32_t> sources, ColumnBuilder& out) {
  const auto is_missing = [&](std::uint32_t source) { return source == kNoRow || !column.is_valid(source); };
  if (column.storage == Storage::kNull) {
    for (std::size_t i = 0; i < sources.size(); ++i) out.push_null();
    return;
  }
  if (column.storage == Storage::kBytes) {
    if (out.type().is_nested()) {
      for (const std::uint32_t source : sources) {
        if (is_missing(source)) out.push_null(); else out.push_bytes(column.bytes(source));
      }
      return;
    }
    const std::int64_t first = out.length();
    ArrowView* const entries = out.extend<ArrowView>(static_cast<std::int64_t>(sources.size()));
    for (std::size_t i = 0; i < sources.size(); ++i) {
      ArrowView entry{};
      if (is_missing(sources[i])) {
        out.set_null(first + static_cast<std::int64_t>(i));
      } else if (const std::string_view bytes = column.bytes(sources[i]); bytes.size() <= kInlineBytesMax) {
        entry = column.entry(sources[i]);
      } else {
        entry.size = static_cast<std::int32_t>(bytes.size());
        std::memcpy(entry.prefix, bytes.data(), sizeof entry.prefix);
        out.keep_long(bytes, entry);
      }
      std::memcpy(entries + i, &entry, sizeof entry);
    }
    return;
  }
  with_type(column.storage, [&](auto zero) {
    using T = decltype(zero);
    const T* const values = column.values<T>();
    const std::int64_t first = out.length();
    T* const to = out.extend<T>(static_cast<std::int64_t>(sources.size()));
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const bool missing = is_missing(sources[i]);
      T value{};
      if (!missing) std::memcpy(&value, values + sources[i], sizeof value);
      std::memcpy(to + i, &value, sizeof value);
      if (missing) out.set_null(first + static_cast<std::int64_t>(i));
    }
  });
}

void gather_changes(const RowStore& store, Frame& frame, std::size_t column,
                    std::span<const std::uint32_t> sources, ColumnBuilder& out) {
  const Column& values = frame.column(column);
  const auto is_stored = [](std::uint32_t source) { return source != kNoRow && source & kFromStore; };
  std::vector<RowId> ids;
  for (std::size_t first = 0; first < sources.size();) {
    const bool from_store = is_stored(sources[first]);
    std::size_t last = first + 1;
    while (last < sources.size() && is_stored(sources[last]) == from_store) ++last;
    const auto run = sources.subspan(first, last - first);
    if (from_store) {
      ids.clear();
      for (const std::uint32_t source : run) ids.push_back(source & ~kFromStore);
      store.table().gather(column, ids, out);
    } else {
      gather_frame(values, run, out);
    }
    first = last;
  }
}

Batch JoinStep::materialize(std::size_t first_row, std::size_t last_row) {
  const bool is_pairs = shape_.result == JoinResult::kPairs;
  const std::size_t left = (shape_.own_is_left ? own_ : other_).table().types().size();
  std::vector<std::uint32_t> numbers = is_pairs ? shape_.outputs : std::vector<std::uint32_t>();
  if (numbers.empty()) {
    // Results without pairs have the left columns.
    const std::size_t all = left + (is_pairs ? (shape_.own_is_left ? other_ : own_).table().types().size() : 0);
    for (std::uint32_t i = 0; i < all; ++i) numbers.push_back(i);
  }
  std::vector<ColumnBuilder> columns;
  std::vector<Operand> from;
  for (const std::uint32_t number : numbers) {
    from.push_back(operand(number));
    ColumnType type = (from.back().is_own ? own_ : other_).table().types().at(from.back().column);
    type.name = numbered_name(columns.size());
    columns.emplace_back(std::move(type));
    columns.back().reserve(static_cast<std::int64_t>(last_row - first_row));
  }
  const bool reads_other = std::any_of(from.begin(), from.end(), [](const Operand& each) { return !each.is_own; });
  for (std::size_t first = first_row; first < last_row; first += kBlock) {
    const std::size_t size = std::min(kBlock, last_row - first);
    const std::span<const std::uint32_t> own(out_own_.data() + first, size);
    const std::span<const RowId> ids(out_other_.data() + first, size);
    if (reads_other) other_.table().prefetch(ids);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (from[c].is_own) gather_changes(own_, *frame_, from[c].column, own, columns[c]);
      else other_.table().gather(from[c].column, ids, columns[c]);
    }
  }
  Batch batch;
  for (ColumnBuilder& column : columns) batch.add(std::move(column));
  return batch;
}

}  // namespace flott
