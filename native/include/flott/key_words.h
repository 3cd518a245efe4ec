// What the two files of the key index share: how a value stands in a key, and loops over rows.
#pragma once

#include <limits>
#include <type_traits>

#include "flott/key_index.h"

namespace flott {

// Keys are told apart by their bits: 0.0 and -0.0 are two, but every NaN is one.
template <typename T>
T canonical(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (value != value) return std::numeric_limits<T>::quiet_NaN();
  }
  return value;
}

// Calls body(i, row), the loop without an index array being one of its own.
template <typename Body>
void for_rows(RowSet rows, Body body) {
  if (rows.rows) {
    for (std::int64_t i = 0; i < rows.count; ++i) body(i, static_cast<std::int64_t>(rows.rows[i]));
  } else {
    for (std::int64_t i = 0; i < rows.count; ++i) body(i, rows.first + i);
  }
}

}  // namespace flott
