// What a row of a changelog is.
#pragma once

#include <cstdint>

namespace flott {

enum RowKind : std::int8_t { kInsert = 0, kUpdateBefore = 1, kUpdateAfter = 2, kDelete = 3 };

// Whether it comes, rather than goes.
inline bool is_accumulate(std::int8_t kind) { return kind == kInsert || kind == kUpdateAfter; }

}  // namespace flott
