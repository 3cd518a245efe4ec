// What the faces of kernels of rows share: columns of numbers that come in, slots by key, frames that go out.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <vector>

#include "arrow_capsule.h"
#include "flott/key_index.h"

namespace flott {

namespace nb = nanobind;

// The numbers of a column of this width.
template <typename T>
std::vector<T> numbers_in(nb::handle series) {
  const auto frame = import_frame(series);
  const Column& column = frame->column(0);
  if (width_of(column.storage) != sizeof(T)) throw nb::type_error("a column of another width is needed here");
  const T* const values = column.values<T>();
  return {values, values + frame->rows()};
}

// The slot of each row by its key columns; kNoSlot for rows with a NULL where NULL equals nothing,
// and, without `insert`, for keys that are not there. Without an index all rows have slot 0.
std::vector<Slot> slots_of(KeyIndex* index, Frame& frame, const std::vector<std::size_t>& keys,
                           std::uint64_t never_null, bool insert);

// Takes keys out of an index, if there is one, whose rows all went.
void erase_emptied(KeyIndex* index, const std::vector<Slot>& slots);

}  // namespace flott
