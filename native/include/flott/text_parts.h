// What functions of strings need for every row, without a regular expression or a new string where
// none is needed.
#pragma once

#include <cstdint>
#include <string_view>

#include "flott/column_builder.h"
#include "flott/columns.h"

namespace flott {

// The part of `text` that follows `index` separators, up to the next; false if there are fewer
// separators, or if `text` is empty.
bool part_of(std::string_view text, std::string_view separator, std::int64_t index, std::string_view* part);

// part_of for every row of a string column; NULL where there is none.
ColumnBuilder split_parts(const Column& texts, std::string_view separator, std::int64_t index);

// What stands behind `key`, up to the next `end`; the key stands at the start of `text` or behind an
// `end`. False where there is no such key.
bool value_of(std::string_view text, std::string_view key, char end, std::string_view* value);

// value_of for every row of a string column; NULL where there is none.
ColumnBuilder key_values(const Column& texts, std::string_view key, char end);

// How often `part` stands in each text, counted without overlaps, as Int32.
ColumnBuilder count_parts(const Column& texts, std::string_view part);

// Every text in small letters; false, with `lowered` unfinished, if one is not ASCII.
bool lower_ascii(const Column& texts, ColumnBuilder* lowered);

}  // namespace flott
