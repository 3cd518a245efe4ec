// Layout: see top_n.h. A key is written as bytes in memcmp order: for each column a byte for NULL or not,
// then the value, big-endian, with the sign turned; all but the NULL byte inverted for descending order.
#include "flott/top_n.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace flott {

namespace {

constexpr std::size_t kBlock = 64;

// Collects the bytes of a key: words first, then the rest.
class KeyWriter {
 public:
  KeyWriter(std::uint64_t* words, std::size_t count, std::string& rest) : words_(words), count_(count), rest_(rest) {
    rest_.clear();
  }
  void put(std::uint8_t byte) {
    const std::size_t word = at_ >> 3;
    if (word < count_) words_[word] |= std::uint64_t{byte} << (56 - 8 * (at_ & 7));
    else rest_.push_back(static_cast<char>(byte));
    ++at_;
  }
  template <typename U>
  void put_number(U value, std::uint8_t mask) {
    if constexpr (sizeof(U) > sizeof(std::uint64_t)) {
      put_number(static_cast<std::uint64_t>(value >> 64), mask);
      put_number(static_cast<std::uint64_t>(value), mask);
    } else {
      constexpr unsigned kBits = 8 * sizeof(U);
      const std::uint64_t bits = mask ? ~static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
      put_high(bits << (64 - kBits), sizeof(U));
    }
  }

 private:
  // The `bytes` highest bytes of `bits`; the others are 0.
  void put_high(std::uint64_t bits, std::size_t bytes) {
    const std::size_t word = at_ >> 3, used = at_ & 7;
    if (at_ + bytes > 8 * count_) {
      for (std::size_t i = 0; i < bytes; ++i) put(static_cast<std::uint8_t>(bits >> (56 - 8 * i)));
      return;
    }
    words_[word] |= bits >> (8 * used);
    if (used + bytes > 8) words_[word + 1] |= bits << (64 - 8 * used);
    at_ += bytes;
  }

  std::uint64_t* words_;
  std::size_t count_;
  std::string& rest_;
  std::size_t at_ = 0;
};

template <typename T>
auto ordered_bits(T value) {
  if constexpr (std::is_same_v<T, float>) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
  } else if constexpr (std::is_same_v<T, double>) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return bits >> 63 ? ~bits : bits | 0x8000000000000000ull;
  } else if constexpr (std::is_same_v<T, Int128>) {
    return static_cast<unsigned __int128>(value) ^ (static_cast<unsigned __int128>(1) << 127);
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    return value;
  } else {
    using U = std::make_unsigned_t<T>;
    return static_cast<U>(static_cast<U>(value) ^ (U{1} << (8 * sizeof(T) - 1)));
  }
}

}  // namespace

void TopN::encode(Frame& frame, std::int64_t row, Key& key) const {
  key.words = {};
  KeyWriter writer(key.words.data(), kWords, key.rest);
  for (const SortColumn& sort : spec_.order) {
    const Column& column = frame.column(sort.position);
    const std::uint8_t mask = sort.is_ascending ? 0 : 0xFF;
    const bool is_null = column.storage == Storage::kNull || !column.is_valid(row);
    writer.put(is_null ? (sort.nulls_first ? 0 : 2) : 1);
    if (is_null) continue;
    if (column.storage == Storage::kBytes) {
      // A zero byte is escaped, so that a shorter string comes before a longer one.
      for (const char each : column.bytes(row)) {
        writer.put(static_cast<std::uint8_t>(each) ^ mask);
        if (!each) writer.put(0x01 ^ mask);
      }
      writer.put(0x00 ^ mask);
      writer.put(0x00 ^ mask);
      continue;
    }
    with_type(column.storage, [&](auto type) {
      using T = decltype(type);
      writer.put_number(ordered_bits(column.values<T>()[row]), mask);
    });
  }
}

int TopN::compare(const Entry& entry, const Key& key) const {
  for (std::size_t i = 0; i < kWords; ++i) {
    if (entry.words[i] != key.words[i]) return entry.words[i] < key.words[i] ? -1 : 1;
  }
  return rests_[entry.rest].compare(key.rest);
}

std::vector<TopN::Entry>& TopN::entries(Slot slot) {
  if (slot >= lists_.size()) {
    const std::size_t size = std::max<std::size_t>(slot + 1, lists_.size() * 2);
    lists_.resize(size);
    touched_in_.resize(size, 0);
  }
  return lists_[slot];
}

// Where the rows of these slots will look for their place: the list's last entry, and its middle.
void TopN::prefetch(std::span<const Slot> slots) const {
  for (const Slot slot : slots) {
    if (slot < lists_.size()) __builtin_prefetch(&lists_[slot]);
  }
  for (const Slot slot : slots) {
    if (slot >= lists_.size() || lists_[slot].empty()) continue;
    __builtin_prefetch(&lists_[slot].back());
    __builtin_prefetch(&lists_[slot][lists_[slot].size() / 2]);
  }
}

void TopN::touch(Slot slot) {
  if (touched_in_[slot] == batch_) return;
  touched_in_[slot] = batch_;
  const auto& list = lists_[slot];
  const auto begin = static_cast<std::uint32_t>(before_.size());
  const auto stop = std::min<std::int64_t>(spec_.last, static_cast<std::int64_t>(list.size()));
  for (std::int64_t i = spec_.first - 1; i < stop; ++i) before_.push_back(list[static_cast<std::size_t>(i)].row);
  touched_.push_back({slot, begin, static_cast<std::uint32_t>(before_.size())});
}

void TopN::drop(Entry& entry) {
  if (entry.rest) {
    rests_[entry.rest].clear();
    free_rests_.push_back(entry.rest);
  }
  if (!(entry.row & kPending)) gone_.push_back(entry.row);
}

void TopN::insert(Slot slot, const Key& key, RowId row) {
  auto& list = entries(slot);
  const auto limit = static_cast<std::size_t>(spec_.last);
  if (!spec_.retracts && list.size() >= limit && compare(list.back(), key) <= 0) return;
  touch(slot);
  if (!spec_.retracts && list.size() >= limit) {
    drop(list.back());
    list.pop_back();
    memory_ -= sizeof(Entry);
  }
  // Most lists stay short, and many reach the limit: none has room for more.
  if (list.size() == list.capacity()) {
    const std::size_t more = std::max<std::size_t>(2 * list.size(), 1);
    list.reserve(spec_.retracts ? more : std::min(more, limit));
  }
  const auto at = std::partition_point(list.begin(), list.end(), [&](const Entry& each) { return compare(each, key) <= 0; });
  Entry entry{key.words, 0, row};
  if (!key.rest.empty()) {
    if (free_rests_.empty()) {
      entry.rest = static_cast<std::uint32_t>(rests_.size());
      rests_.push_back(key.rest);
    } else {
      entry.rest = free_rests_.back();
      free_rests_.pop_back();
      rests_[entry.rest] = key.rest;
    }
  }
  list.insert(at, entry);
  memory_ += sizeof(Entry);
}

void TopN::remove(RowStore& store, Slot slot, const Key& key, Frame& frame, std::int64_t row) {
  auto& list = entries(slot);
  auto at = std::partition_point(list.begin(), list.end(), [&](const Entry& each) { return compare(each, key) < 0; });
  for (; at != list.end() && compare(*at, key) == 0; ++at) {
    if (!store.table().equals(at->row, frame, static_cast<std::size_t>(row), spec_.identity)) continue;
    touch(slot);
    drop(*at);
    list.erase(at);
    memory_ -= sizeof(Entry);
    return;
  }
}

// Gives the rows of the batch that have a place a row of the store.
void TopN::settle(RowStore& store, std::span<const Slot> slots, Frame& frame, std::int64_t now_ms) {
  pending_.clear();
  for (const Touched& touched : touched_) {
    for (const Entry& entry : lists_[touched.slot]) {
      if (entry.row & kPending) pending_.push_back(entry.row & ~kPending);
    }
  }
  if (pending_.empty()) return;
  // Others are appended nowhere.
  std::vector<Slot> chosen(slots.size(), kNoSlot);
  for (const std::uint32_t row : pending_) chosen[row] = slots[row];
  std::vector<RowId> ids(slots.size());
  store.append(frame, chosen, now_ms, ids.data());
  for (const Touched& touched : touched_) {
    for (Entry& entry : lists_[touched.slot]) {
      if (entry.row & kPending) entry.row = ids[entry.row & ~kPending];
    }
  }
}

void TopN::compare_ranks(const RowStore&, const Touched& touched, std::span<const RowId> after) {
  const std::span<const RowId> before(before_.data() + touched.begin, touched.end - touched.begin);
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const std::int64_t rank = spec_.first + static_cast<std::int64_t>(i);
    const bool had = i < before.size();
    const bool has = i < after.size();
    if (had && has && before[i] == after[i]) continue;
    if (had && (!has || spec_.emits_update_before)) shown_.push_back({before[i], rank, has ? kUpdateBefore : kDelete});
    if (has) shown_.push_back({after[i], rank, had ? kUpdateAfter : kInsert});
  }
}

void TopN::compare_sets(const Touched& touched, std::span<const RowId> after) {
  const std::span<const RowId> before(before_.data() + touched.begin, touched.end - touched.begin);
  const auto missing = [&](std::span<const RowId> from, std::span<const RowId> in, std::int8_t kind) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (std::find(in.begin(), in.end(), from[i]) == in.end()) shown_.push_back({from[i], 0, kind});
    }
  };
  if (before.size() <= 32 && after.size() <= 32) {
    missing(before, after, kDelete);
    missing(after, before, kInsert);
    return;
  }
  std::vector<RowId> sorted_before(before.begin(), before.end());
  std::vector<RowId> sorted_after(after.begin(), after.end());
  std::sort(sorted_before.begin(), sorted_before.end());
  std::sort(sorted_after.begin(), sorted_after.end());
  for (const RowId row : before) {
    if (!std::binary_search(sorted_after.begin(), sorted_after.end(), row)) shown_.push_back({row, 0, kDelete});
  }
  for (const RowId row : after) {
    if (!std::binary_search(sorted_before.begin(), sorted_before.end(), row)) shown_.push_back({row, 0, kInsert});
  }
}

void TopN::compare_shown(const RowStore& store) {
  shown_.clear();
  std::vector<RowId> after;
  for (const Touched& touched : touched_) {
    const auto& list = lists_[touched.slot];
    const auto stop = std::min<std::int64_t>(spec_.last, static_cast<std::int64_t>(list.size()));
    after.clear();
    for (std::int64_t i = spec_.first - 1; i < stop; ++i) after.push_back(list[static_cast<std::size_t>(i)].row);
    if (spec_.has_rank || spec_.first == spec_.last) compare_ranks(store, touched, after);
    else compare_sets(touched, after);
  }
}

Batch TopN::process(RowStore& store, std::span<const Slot> slots, Frame& frame, const std::int8_t* kinds,
                    std::int64_t now_ms, std::vector<RowId>& gone) {
  ++batch_;
  touched_.clear();
  before_.clear();
  gone_.clear();
  Key key;
  std::vector<RowId> ids;
  if (spec_.retracts) {
    // Every row that comes is kept at once, so that one that goes again is found.
    std::vector<Slot> coming(slots.begin(), slots.end());
    for (std::size_t row = 0; kinds && row < coming.size(); ++row) {
      if (!is_accumulate(kinds[row])) coming[row] = kNoSlot;
    }
    ids.resize(slots.size());
    store.append(frame, coming, now_ms, ids.data());
  }
  for (std::int64_t row = 0; row < frame.rows(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    if (i % kBlock == 0) prefetch(slots.subspan(i, std::min(kBlock, slots.size() - i)));
    encode(frame, row, key);
    if (kinds && !is_accumulate(kinds[i])) remove(store, slots[i], key, frame, row);
    else insert(slots[i], key, spec_.retracts ? ids[i] : kPending | static_cast<RowId>(row));
  }
  if (!spec_.retracts) settle(store, slots, frame, now_ms);
  compare_shown(store);

  std::vector<RowId> rows;
  rows.reserve(shown_.size());
  for (const Shown& each : shown_) rows.push_back(each.row);
  Batch out;
  const auto& types = store.table().types();
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : types) columns.emplace_back(type);
  for (std::size_t first = 0; first < rows.size(); first += kBlock) {
    const std::span<const RowId> block(rows.data() + first, std::min(kBlock, rows.size() - first));
    store.table().prefetch(block);
    for (std::size_t c = 0; c < columns.size(); ++c) store.table().gather(c, block, columns[c]);
  }
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  const auto count = static_cast<std::int64_t>(shown_.size());
  if (spec_.has_rank) {
    ColumnBuilder ranks(ColumnType{"l", "rank", {}});
    std::int64_t* const to = ranks.extend<std::int64_t>(count);
    for (std::size_t i = 0; i < shown_.size(); ++i) to[i] = shown_[i].rank;
    out.add(std::move(ranks));
  }
  ColumnBuilder changed(ColumnType{"c", "kind", {}});
  std::int8_t* const to = changed.extend<std::int8_t>(count);
  for (std::size_t i = 0; i < shown_.size(); ++i) to[i] = shown_[i].kind;
  out.add(std::move(changed));
  gone = gone_;
  return out;
}

void TopN::rebuild(std::span<const Slot> slots, Frame& frame, std::span<const RowId> ids) {
  const bool retracts = spec_.retracts;
  spec_.retracts = true;  // every row has a place
  ++batch_;
  Key key;
  for (std::int64_t row = 0; row < frame.rows(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    encode(frame, row, key);
    insert(slots[i], key, ids[i]);
  }
  touched_.clear();
  before_.clear();
  spec_.retracts = retracts;
}

}  // namespace flott
