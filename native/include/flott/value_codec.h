// One value of a nested type as bytes, and back. Equal values have equal bytes.
//
//   value    0 for NULL, else 1 and the contents
//   number   its little-endian bytes; every NaN as one
//   bytes    length as 4 bytes, the bytes
//   list     number of elements as 4 bytes, the elements
//   struct   the fields in order
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "flott/columns.h"

namespace flott {

struct EncodedColumn {
  std::vector<std::int64_t> offsets;
  std::string chars;
};

// Encodes rows offset .. offset + length of `array`. A NULL row is encoded as such.
EncodedColumn encode_column(const ColumnType& type, const ArrowArray& array, std::int64_t offset,
                            std::int64_t length);

// Appends the value of `column`, of type `type`, at `row`.
void encode_cell(const ColumnType& type, const Column& column, std::int64_t row, std::string& out);

// The number at `at`, which is moved past it.
template <typename T>
T take(const char*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

// Moves `at` past an encoded value of `type`.
void pass_over(const ColumnType& type, const char*& at);

}  // namespace flott
