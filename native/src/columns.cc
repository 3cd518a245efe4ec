// Import of Arrow arrays. Layouts that kernels read as they are: fixed widths, views, both offsets.
// Booleans are spread to bytes and nested values are encoded, into memory that the column owns.
#include "flott/columns.h"

#include <cstring>

#include "flott/value_codec.h"

namespace flott {
namespace {

Storage storage_of(const std::string& format) {
  switch (format[0]) {
    case 'n': return Storage::kNull;
    case 'b': return Storage::kBool;
    case 'c': case 'C': return Storage::kInt8;
    case 's': case 'S': return Storage::kInt16;
    case 'i': case 'I': return Storage::kInt32;
    case 'l': case 'L': return Storage::kInt64;
    case 'f': return Storage::kFloat32;
    case 'g': return Storage::kFloat64;
    case 'u': case 'U': case 'z': case 'Z': case 'v': case '+': return Storage::kBytes;
    case 'd': return Storage::kInt128;
    case '_': return Storage::kInt128;  // Polars' Int128
    case 't': return format == "tdD" || format == "tts" || format == "ttm" ? Storage::kInt32 : Storage::kInt64;
    default: throw UnsupportedColumn("no kernel reads columns of Arrow format '" + format + "'");
  }
}

std::shared_ptr<void> spread_bits(const std::uint8_t* bits, std::int64_t offset, std::int64_t length) {
  std::shared_ptr<std::uint8_t[]> bytes(new std::uint8_t[static_cast<std::size_t>(length)]);
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int64_t bit = i + offset;
    bytes[i] = bits[bit >> 3] >> (bit & 7) & 1;
  }
  return bytes;
}

}  // namespace

std::size_t width_of(Storage storage) {
  switch (storage) {
    case Storage::kNull: return 0;
    case Storage::kBytes: return sizeof(ArrowView);
    default: return with_type(storage, [](auto value) { return sizeof value; });
  }
}

ColumnType ColumnType::from(const ArrowSchema& schema) {
  ColumnType type;
  type.format = schema.format;
  type.name = schema.name ? schema.name : "";
  if (schema.dictionary) throw UnsupportedColumn("no kernel reads columns with a dictionary");
  for (std::int64_t i = 0; i < schema.n_children; ++i) type.children.push_back(from(*schema.children[i]));
  storage_of(type.format);
  return type;
}

Storage ColumnType::storage() const { return storage_of(format); }

bool ColumnType::is_unsigned() const {
  return format.size() == 1 && (format[0] == 'C' || format[0] == 'S' || format[0] == 'I' || format[0] == 'L');
}

int ColumnType::decimal_precision() const { return format[0] == 'd' ? std::stoi(format.substr(2)) : 38; }

int ColumnType::decimal_scale() const {
  const auto comma = format.find(',');
  return format[0] == 'd' && comma != std::string::npos ? std::stoi(format.substr(comma + 1)) : 0;
}

ArrowView Column::entry_of(std::string_view bytes) {
  ArrowView entry{};
  entry.size = static_cast<std::int32_t>(bytes.size());
  char* const at = reinterpret_cast<char*>(&entry) + sizeof entry.size;
  if (!bytes.empty()) std::memcpy(at, bytes.data(), std::min<std::size_t>(bytes.size(), kInlineBytesMax));
  if (entry.size > kInlineBytesMax) entry.buffer = entry.offset = 0;
  return entry;
}

Column Column::over(const std::uint32_t* values, std::int64_t length) {
  Column column;
  column.storage = Storage::kInt32;
  column.length = length;
  column.values_ = values;
  return column;
}

Frame::Frame(ArrowSchema* schema, ArrowArray* array) : array_(*array) {
  array->release = nullptr;
  try {
    for (std::int64_t i = 0; i < schema->n_children; ++i) {
      types_.push_back(ColumnType::from(*schema->children[i]));
    }
  } catch (...) {
    array_.release(&array_);
    throw;
  }
  columns_.resize(types_.size());
}

Frame::~Frame() {
  columns_.clear();
  if (array_.release) array_.release(&array_);
}

const Column& Frame::column(std::size_t index) {
  std::unique_ptr<Column>& cached = columns_.at(index);
  if (cached) return *cached;
  const ArrowArray& array = *array_.children[index];
  const ColumnType& type = types_[index];
  auto column = std::make_unique<Column>();
  const std::int64_t offset = array.offset + array_.offset;
  column->storage = type.storage();
  column->length = array_.length;
  column->offset_ = offset;
  if (array.null_count != 0 && array.n_buffers > 0) {
    column->validity_ = static_cast<const std::uint8_t*>(array.buffers[0]);
  }
  if (type.is_nested()) {
    auto encoded = std::make_shared<EncodedColumn>(encode_column(type, array, offset, array_.length));
    column->offsets64_ = encoded->offsets.data();
    column->chars_ = encoded->chars.data();
    column->owned_ = std::move(encoded);
  } else if (column->storage == Storage::kBool) {
    column->owned_ = spread_bits(static_cast<const std::uint8_t*>(array.buffers[1]), offset, array_.length);
    column->values_ = column->owned_.get();
  } else if (type.is_view()) {
    column->views_ = static_cast<const ArrowView*>(array.buffers[1]) + offset;
    column->buffers_ = array.buffers + 2;
  } else if (column->storage == Storage::kBytes) {
    const bool is_large = type.format[0] == 'U' || type.format[0] == 'Z';
    if (is_large) column->offsets64_ = static_cast<const std::int64_t*>(array.buffers[1]) + offset;
    if (!is_large) column->offsets32_ = static_cast<const std::int32_t*>(array.buffers[1]) + offset;
    column->chars_ = static_cast<const char*>(array.buffers[2]);
  } else if (column->storage != Storage::kNull) {
    column->values_ = static_cast<const char*>(array.buffers[1]) +
                      static_cast<std::size_t>(offset) * width_of(column->storage);
  }
  cached = std::move(column);
  return *cached;
}

}  // namespace flott
