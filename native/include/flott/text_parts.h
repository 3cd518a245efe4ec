// Parts of strings: what SPLIT_INDEX needs for every row.
#pragma once

#include <cstdint>
#include <string_view>

#include "flott/column_builder.h"
#include "flott/columns.h"

namespace flott {

// The part of `text` that follows `index` separators, up to the next; nullopt-like: false if there
// are fewer separators, or if `text` is empty.
bool part_of(std::string_view text, std::string_view separator, std::int64_t index, std::string_view* part);

// part_of for every row of a string column; NULL where there is none.
ColumnBuilder split_parts(const Column& texts, std::string_view separator, std::int64_t index);

}  // namespace flott
