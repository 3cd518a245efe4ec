// Works on the Arrow arrays themselves, since children of nested columns have offsets of their own.
#include "flott/value_codec.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace flott {
namespace {

bool is_valid(const ArrowArray& array, std::int64_t at) {
  if (array.null_count == 0 || array.n_buffers == 0 || !array.buffers[0]) return true;
  return static_cast<const std::uint8_t*>(array.buffers[0])[at >> 3] >> (at & 7) & 1;
}

template <typename T>
void put(std::string& out, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
  }
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void encode_value(const ColumnType& type, const ArrowArray& array, std::int64_t at, std::string& out);

void encode_bytes(const ColumnType& type, const ArrowArray& array, std::int64_t at, std::string& out) {
  std::string_view bytes;
  if (type.is_view()) {
    const ArrowView& entry = static_cast<const ArrowView*>(array.buffers[1])[at];
    const auto size = static_cast<std::size_t>(entry.size);
    bytes = entry.size <= kInlineBytesMax
                ? std::string_view(entry.prefix, size)
                : std::string_view(static_cast<const char*>(array.buffers[2 + entry.buffer]) + entry.offset, size);
  } else {
    const auto chars = static_cast<const char*>(array.buffers[2]);
    if (type.format[0] == 'U' || type.format[0] == 'Z') {
      const auto* offsets = static_cast<const std::int64_t*>(array.buffers[1]) + at;
      bytes = {chars + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
    } else {
      const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]) + at;
      bytes = {chars + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
    }
  }
  put(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}

void encode_elements(const ColumnType& type, const ArrowArray& array, std::int64_t first,
                     std::int64_t last, std::string& out) {
  put(out, static_cast<std::uint32_t>(last - first));
  const ArrowArray& child = *array.children[0];
  for (std::int64_t i = first; i < last; ++i) encode_value(type.children[0], child, i + child.offset, out);
}

void encode_nested(const ColumnType& type, const ArrowArray& array, std::int64_t at, std::string& out) {
  const char kind = type.format[1];
  if (kind == 's') {
    for (std::size_t i = 0; i < type.children.size(); ++i) {
      const ArrowArray& child = *array.children[i];
      encode_value(type.children[i], child, at + child.offset, out);
    }
  } else if (kind == 'L') {
    const auto* offsets = static_cast<const std::int64_t*>(array.buffers[1]) + at;
    encode_elements(type, array, offsets[0], offsets[1], out);
  } else if (kind == 'l') {
    const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]) + at;
    encode_elements(type, array, offsets[0], offsets[1], out);
  } else if (kind == 'w') {
    const std::int64_t size = std::stoll(type.format.substr(3));
    encode_elements(type, array, at * size, (at + 1) * size, out);
  } else {
    throw UnsupportedColumn("no kernel reads columns of Arrow format '" + type.format + "'");
  }
}

// `at` includes the array's own offset, but for the children of a struct, which add theirs.
void encode_value(const ColumnType& type, const ArrowArray& array, std::int64_t at, std::string& out) {
  if (type.format[0] == 'n' || !is_valid(array, at)) {
    out.push_back(0);
    return;
  }
  out.push_back(1);
  if (type.is_nested()) return encode_nested(type, array, at, out);
  const Storage storage = type.storage();
  if (storage == Storage::kBytes) return encode_bytes(type, array, at, out);
  if (storage == Storage::kBool) {
    out.push_back(static_cast<const std::uint8_t*>(array.buffers[1])[at >> 3] >> (at & 7) & 1);
    return;
  }
  with_type(storage, [&](auto zero) { put(out, static_cast<const decltype(zero)*>(array.buffers[1])[at]); });
}

}  // namespace

EncodedColumn encode_column(const ColumnType& type, const ArrowArray& array, std::int64_t offset,
                            std::int64_t length) {
  EncodedColumn encoded;
  encoded.offsets.reserve(static_cast<std::size_t>(length) + 1);
  encoded.offsets.push_back(0);
  for (std::int64_t i = 0; i < length; ++i) {
    encode_value(type, array, i + offset, encoded.chars);
    encoded.offsets.push_back(static_cast<std::int64_t>(encoded.chars.size()));
  }
  return encoded;
}

void encode_cell(const ColumnType& type, const Column& column, std::int64_t row, std::string& out) {
  if (!column.is_valid(row)) {
    out.push_back(0);
  } else if (type.is_nested()) {
    out.append(column.bytes(row));
  } else if (column.storage == Storage::kBytes) {
    const std::string_view bytes = column.bytes(row);
    out.push_back(1);
    put(out, static_cast<std::uint32_t>(bytes.size()));
    out.append(bytes);
  } else {
    out.push_back(1);
    with_type(column.storage, [&](auto zero) { put(out, column.values<decltype(zero)>()[row]); });
  }
}

void pass_over(const ColumnType& type, const char*& at) {
  if (*at++ == 0) return;
  if (!type.is_nested()) {
    const Storage storage = type.storage();
    const std::size_t size = storage == Storage::kBytes ? take<std::uint32_t>(at) : width_of(storage);
    at += size;
    return;
  }
  if (type.format[1] == 's') {
    for (const ColumnType& child : type.children) pass_over(child, at);
    return;
  }
  for (auto count = take<std::uint32_t>(at); count > 0; --count) pass_over(type.children[0], at);
}

}  // namespace flott
