// A stable hash of the rows of key columns: the same in every process, for ever. It decides the key
// group of a row, so golden values are under test.
//
//   integer, boolean, date, time   mix64 of the value, widened with its sign
//   decimal                        mix64 of the low word, then of that with the high word if the
//                                  value does not fit into one
//   float                          mix64 of the bits as a double; -0.0 is 0.0, every NaN is one
//   bytes up to 12                 mix64 over the two words of a view entry
//   longer bytes                   XXH64, seed 0
//   NULL                           a constant
//   several columns                h = mix64(h * prime + hash of the next column)
//
// The key group is made of the high half; kernels that place rows in tables use the low half.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "flott/columns.h"
#include "flott/hash.h"

namespace flott {

inline constexpr std::uint64_t kNullHash = mix64(0x4E554C4C);

inline std::uint64_t hash_value(double value) {
  if (value == 0) value = 0;
  std::uint64_t bits = 0x7FF8000000000000ULL;
  if (!std::isnan(value)) std::memcpy(&bits, &value, sizeof bits);
  return mix64(bits);
}
inline std::uint64_t hash_value(float value) { return hash_value(static_cast<double>(value)); }
inline std::uint64_t hash_value(Int128 value) {
  const auto low = static_cast<std::int64_t>(value);
  const std::uint64_t hash = mix64(static_cast<std::uint64_t>(low));
  return low == value ? hash : mix64(hash ^ static_cast<std::uint64_t>(value >> 64));
}
template <typename T>
inline std::uint64_t hash_value(T value) {
  return mix64(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
}
inline std::uint64_t hash_value(const ArrowView& entry) {  // inline entries only
  std::uint64_t words[2];
  std::memcpy(words, &entry, sizeof words);
  return mix64(words[0] ^ mix64(words[1] + xxh64::kPrime1));
}
inline std::uint64_t hash_value(std::string_view bytes) {
  if (bytes.size() <= kInlineBytesMax) return hash_value(Column::entry_of(bytes));
  return hash_bytes(bytes.data(), bytes.size(), 0);
}

inline std::uint64_t combine_hashes(std::uint64_t hash, std::uint64_t next) {
  return mix64(hash * xxh64::kPrime1 + next);
}

inline std::uint32_t key_group_of(std::uint64_t hash, std::uint32_t max_parallelism) {
  return static_cast<std::uint32_t>(hash >> 32) % max_parallelism;
}

// Hashes of rows first .. first + count into `out`.
void hash_rows(std::span<const Column* const> columns, std::int64_t first, std::int64_t count,
               std::uint64_t* out);

}  // namespace flott
