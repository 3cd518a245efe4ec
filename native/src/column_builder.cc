// Every exported struct owns its memory through private_data and frees it in `release`.
#include "flott/column_builder.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

namespace flott {
namespace {

constexpr std::size_t kCharsMax = std::size_t{1} << 30;  // offsets of views have 31 bits

struct ArrayMemory {
  std::vector<char*> owned;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  std::vector<std::int64_t> sizes;

  ~ArrayMemory() {
    for (char* at : owned) std::free(at);
    for (ArrowArray& child : children) {
      if (child.release) child.release(&child);
    }
  }
  void take(Buffer& buffer) {
    static const std::int64_t nothing[2] = {0, 0};
    char* const at = buffer.release();
    owned.push_back(at);
    buffers.push_back(at ? static_cast<const void*>(at) : nothing);
  }
};

void release_array(ArrowArray* array) {
  delete static_cast<ArrayMemory*>(array->private_data);
  array->release = nullptr;
}

void fill_array(ArrowArray* out, std::unique_ptr<ArrayMemory> memory, std::int64_t length,
                std::int64_t null_count) {
  for (ArrowArray& child : memory->children) memory->child_pointers.push_back(&child);
  *out = ArrowArray{length, null_count, 0, static_cast<std::int64_t>(memory->buffers.size()),
                    static_cast<std::int64_t>(memory->children.size()), memory->buffers.data(),
                    memory->child_pointers.data(), nullptr, &release_array, memory.get()};
  memory.release();
}

struct SchemaMemory {
  std::string format;
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;

  ~SchemaMemory() {
    for (ArrowSchema& child : children) {
      if (child.release) child.release(&child);
    }
  }
};

void release_schema(ArrowSchema* schema) {
  delete static_cast<SchemaMemory*>(schema->private_data);
  schema->release = nullptr;
}

template <typename T>
T take(const char*& at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

void pack_bits(Buffer& bytes, std::int64_t length, Buffer& bits) {
  if (length == 0) return;
  char* const out = bits.extend(static_cast<std::size_t>(length + 7) / 8);
  std::memset(out, 0, bits.size());
  for (std::int64_t i = 0; i < length; ++i) out[i >> 3] |= static_cast<char>((bytes.data()[i] & 1) << (i & 7));
}

}  // namespace

void Buffer::grow(std::size_t needed) {
  const std::size_t capacity = std::max({needed, capacity_ + capacity_ / 2, std::size_t{64}});
  char* const at = static_cast<char*>(std::realloc(data_.release(), capacity));
  if (!at) throw std::bad_alloc();
  data_.reset(at);
  capacity_ = capacity;
}

ColumnBuilder::ColumnBuilder(ColumnType type) : type_(std::move(type)), storage_(type_.storage()) {
  if (type_.is_nested()) {
    is_struct_ = type_.format[1] == 's';
    is_list_ = !is_struct_;
    if (is_list_) type_.format = "+L";
    if (is_list_) *reinterpret_cast<std::int64_t*>(values_.extend(sizeof(std::int64_t))) = 0;
    for (const ColumnType& child : type_.children) children_.emplace_back(child);
  } else if (storage_ == Storage::kBytes && !type_.is_view()) {
    type_.format = type_.format[0] == 'u' || type_.format[0] == 'U' ? "vu" : "vz";
  }
}

void ColumnBuilder::set_null(std::int64_t row) {
  if (storage_ == Storage::kNull) return;
  const auto byte = static_cast<std::size_t>(row >> 3);
  if (byte >= validity_.size()) validity_.resize(byte + 1, 0xFF);
  const auto bit = static_cast<std::uint8_t>(1u << (row & 7));
  null_count_ += validity_[byte] & bit ? 1 : 0;
  validity_[byte] &= static_cast<std::uint8_t>(~bit);
}

void ColumnBuilder::add_chars() {
  static std::atomic<std::uint64_t> marks{0};
  chars_.emplace_back();
  chars_mark_ = marks.fetch_add(1, std::memory_order_relaxed) + 1;
}

char* ColumnBuilder::extend_chars(std::size_t size, ArrowView& entry) {
  if (chars_.empty() || chars_.back().size() + size > kCharsMax) add_chars();
  Buffer& chars = chars_.back();
  entry.buffer = static_cast<std::int32_t>(chars_.size() - 1);
  entry.offset = static_cast<std::int32_t>(chars.size());
  chars.reserve(chars.size() + size + kReadAhead);
  return chars.extend(size);
}

void ColumnBuilder::keep_long(std::string_view bytes, ArrowView& entry) {
  std::memcpy(extend_chars(bytes.size(), entry), bytes.data(), bytes.size());
}

// Whole words are read and written, and what is too much is cut off: no calls, no branches on sizes.
void ColumnBuilder::push_padded(const char* at, std::size_t size) {
  static constexpr std::uint64_t kKept[] = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF,
                                            0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, ~std::uint64_t{0}};
  ArrowView entry;
  entry.size = static_cast<std::int32_t>(size);
  if (size <= static_cast<std::size_t>(kInlineBytesMax)) {
    std::uint64_t first, rest;
    std::memcpy(&first, at, sizeof first);
    std::memcpy(&rest, at + sizeof entry.prefix, sizeof rest);
    first &= kKept[std::min<std::size_t>(size, sizeof entry.prefix)];
    rest &= kKept[size > sizeof entry.prefix ? size - sizeof entry.prefix : 0];
    std::memcpy(entry.prefix, &first, sizeof entry.prefix);
    std::memcpy(&entry.buffer, &rest, sizeof rest);
  } else {
    std::memcpy(entry.prefix, at, sizeof entry.prefix);
    char* const out = extend_chars(size, entry);
    if (size > 64) {
      std::memcpy(out, at, size);
    } else {
      for (std::size_t i = 0; i < size; i += kReadAhead) std::memcpy(out + i, at + i, kReadAhead);
    }
  }
  std::memcpy(values_.extend(sizeof entry), &entry, sizeof entry);
  ++length_;
}

void ColumnBuilder::truncate(std::int64_t length) {
  if (length < length_) {
    for (auto row = length; row < length_ && static_cast<std::size_t>(row >> 3) < validity_.size(); ++row) {
      const auto bit = static_cast<std::uint8_t>(1u << (row & 7));
      null_count_ -= validity_[row >> 3] & bit ? 0 : 1;
      validity_[row >> 3] |= bit;
    }
    if (storage_ == Storage::kNull) null_count_ = 0;
    length_ = length;
  }
  if (is_struct_) {
    for (ColumnBuilder& child : children_) child.truncate(length);
  } else if (is_list_) {
    values_.shrink(static_cast<std::size_t>(length + 1) * sizeof(std::int64_t));
    children_[0].truncate(values<std::int64_t>()[length]);
  } else {
    values_.shrink(static_cast<std::size_t>(length) * width_of(storage_));
  }
}

void ColumnBuilder::reserve_bytes(std::size_t count) {
  if (chars_.empty()) add_chars();
  chars_.back().reserve(std::min(chars_.back().size() + count, kCharsMax));
}

void ColumnBuilder::push_view(std::string_view bytes) {
  const ArrowView entry = keep(bytes);
  values_.append(&entry, sizeof entry);
}

void ColumnBuilder::push_bytes(std::string_view bytes) {
  if (type_.is_nested()) {
    const char* at = bytes.data();
    return push_encoded(at);
  }
  push_view(bytes);
  ++length_;
}

void ColumnBuilder::push_null() {
  if (storage_ == Storage::kNull) {
    ++length_;
    return;
  }
  if (is_struct_) {
    for (ColumnBuilder& child : children_) child.push_null();
  } else if (is_list_) {
    const std::int64_t end = children_[0].length();
    values_.append(&end, sizeof end);
  } else {
    const std::size_t width = width_of(storage_);
    std::memset(values_.extend(width), 0, width);
  }
  ++length_;
  set_null(length_ - 1);
}

void ColumnBuilder::push_list(const char*& at) {
  const auto count = take<std::uint32_t>(at);
  for (std::uint32_t i = 0; i < count; ++i) children_[0].push_encoded(at);
  const std::int64_t end = children_[0].length();
  values_.append(&end, sizeof end);
  ++length_;
}

void ColumnBuilder::push_encoded(const char*& at) {
  if (*at++ == 0) return push_null();
  if (is_list_) return push_list(at);
  if (is_struct_) {
    for (ColumnBuilder& child : children_) child.push_encoded(at);
    return add_row();
  }
  if (storage_ == Storage::kBytes) {
    const auto size = take<std::uint32_t>(at);
    push_view({at, size});
    at += size;
    return add_row();
  }
  with_type(storage_, [&](auto zero) { push(take<decltype(zero)>(at)); });
}

std::string_view ColumnBuilder::view(std::int64_t row) const {
  const ArrowView& entry = values<ArrowView>()[row];
  const auto size = static_cast<std::size_t>(entry.size);
  if (entry.size <= kInlineBytesMax) return {entry.prefix, size};
  return {chars_[static_cast<std::size_t>(entry.buffer)].data() + entry.offset, size};
}

bool ColumnBuilder::equal(std::int64_t row, const ColumnBuilder& other, std::int64_t other_row) const {
  if (!is_valid(row) || !other.is_valid(other_row)) return is_valid(row) == other.is_valid(other_row);
  if (is_struct_) {
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (!children_[i].equal(row, other.children_[i], other_row)) return false;
    }
    return true;
  }
  if (is_list_) {
    const auto* const ends = values<std::int64_t>() + row;
    const auto* const other_ends = other.values<std::int64_t>() + other_row;
    if (ends[1] - ends[0] != other_ends[1] - other_ends[0]) return false;
    for (std::int64_t i = 0; i < ends[1] - ends[0]; ++i) {
      if (!children_[0].equal(ends[0] + i, other.children_[0], other_ends[0] + i)) return false;
    }
    return true;
  }
  if (storage_ == Storage::kBytes) return view(row) == other.view(other_row);
  return with_type(storage_, [&](auto zero) {
    using T = decltype(zero);
    const T a = values<T>()[row], b = other.values<T>()[other_row];
    return a == b || (a != a && b != b);
  });
}

void ColumnBuilder::push_from(const ColumnBuilder& other, std::int64_t row) {
  if (!other.is_valid(row)) return push_null();
  if (is_struct_) {
    for (std::size_t i = 0; i < children_.size(); ++i) children_[i].push_from(other.children_[i], row);
    return add_row();
  }
  if (is_list_) {
    const auto* const ends = other.values<std::int64_t>() + row;
    for (std::int64_t i = ends[0]; i < ends[1]; ++i) children_[0].push_from(other.children_[0], i);
    const std::int64_t end = children_[0].length();
    values_.append(&end, sizeof end);
    return add_row();
  }
  if (storage_ == Storage::kBytes) {
    push_view(other.view(row));
    return add_row();
  }
  with_type(storage_, [&](auto zero) { push(other.values<decltype(zero)>()[row]); });
}

void ColumnBuilder::gather(const ColumnBuilder& first, const ColumnBuilder& second,
                           std::span<const std::uint32_t> picks) {
  const ColumnBuilder* const sources[2] = {&first, &second};
  if (storage_ == Storage::kBytes || storage_ == Storage::kNull) {
    for (std::uint32_t pick : picks) push_from(*sources[pick & 1], pick >> 1);
    return;
  }
  const std::int64_t start = length_;
  with_type(storage_, [&](auto zero) {
    using T = decltype(zero);
    const T* const values[2] = {first.values<T>(), second.values<T>()};
    T* const out = extend<T>(static_cast<std::int64_t>(picks.size()));
    for (std::size_t i = 0; i < picks.size(); ++i) out[i] = values[picks[i] & 1][picks[i] >> 1];
  });
  if (first.null_count_ == 0 && second.null_count_ == 0) return;
  for (std::size_t i = 0; i < picks.size(); ++i) {
    if (!sources[picks[i] & 1]->is_valid(picks[i] >> 1)) set_null(start + static_cast<std::int64_t>(i));
  }
}

void ColumnBuilder::fill(std::int64_t rows, const char* values, const char* validity, std::int64_t nulls,
                         std::string_view chars) {
  values_.append(values, static_cast<std::size_t>(rows) * width_of(storage_));
  if (validity && storage_ != Storage::kNull) {
    validity_.assign(validity, validity + (rows + 7) / 8);
    null_count_ = nulls;
  }
  if (!chars.empty()) {
    add_chars();
    chars_.back().append(chars.data(), chars.size());
  }
  length_ += rows;
}

void ColumnBuilder::finish(ArrowArray* out) {
  auto memory = std::make_unique<ArrayMemory>();
  if (storage_ != Storage::kNull) {
    Buffer validity;
    if (null_count_) {
      validity_.resize(static_cast<std::size_t>(length_ + 7) / 8, 0xFF);
      validity.append(validity_.data(), validity_.size());
    }
    memory->take(validity);
    if (!null_count_) memory->buffers[0] = nullptr;
  }
  if (storage_ == Storage::kBool) {
    Buffer bits;
    pack_bits(values_, length_, bits);
    memory->take(bits);
  } else if (!is_struct_ && storage_ != Storage::kNull) {
    memory->take(values_);
  }
  if (storage_ == Storage::kBytes && !type_.is_nested()) {
    for (Buffer& chars : chars_) {
      memory->sizes.push_back(static_cast<std::int64_t>(chars.size()));
      memory->take(chars);
    }
    memory->sizes.push_back(0);  // so that there is an address
    memory->buffers.push_back(memory->sizes.data());
  }
  memory->children.resize(children_.size());
  for (std::size_t i = 0; i < children_.size(); ++i) children_[i].finish(&memory->children[i]);
  const bool is_null = storage_ == Storage::kNull;
  fill_array(out, std::move(memory), length_, is_null ? length_ : null_count_);
}

void export_type(const ColumnType& type, ArrowSchema* out) {
  auto memory = std::make_unique<SchemaMemory>();
  memory->format = type.format;
  memory->name = type.name;
  memory->children.resize(type.children.size());
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    export_type(type.children[i], &memory->children[i]);
    memory->child_pointers.push_back(&memory->children[i]);
  }
  *out = ArrowSchema{memory->format.c_str(), memory->name.c_str(), nullptr, kArrowNullable,
                     static_cast<std::int64_t>(type.children.size()), memory->child_pointers.data(),
                     nullptr, &release_schema, memory.get()};
  memory.release();
}

void Batch::export_to(ArrowSchema* schema, ArrowArray* array) {
  ColumnType row{"+s", "", {}};
  auto memory = std::make_unique<ArrayMemory>();
  memory->buffers.push_back(nullptr);
  memory->children.resize(columns_.size());
  const std::int64_t length = rows();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    row.children.push_back(columns_[i].type());
    columns_[i].finish(&memory->children[i]);
  }
  columns_.clear();
  fill_array(array, std::move(memory), length, 0);
  export_type(row, schema);
}

std::unique_ptr<Frame> as_frame(Batch&& batch) {
  ArrowSchema schema;
  ArrowArray array;
  batch.export_to(&schema, &array);
  auto frame = std::make_unique<Frame>(&schema, &array);
  schema.release(&schema);
  return frame;
}

namespace {

struct StreamMemory {
  ArrowSchema schema{};
  ArrowArray array{};

  ~StreamMemory() {
    if (schema.release) schema.release(&schema);
    if (array.release) array.release(&array);
  }
};

int stream_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  auto* const memory = static_cast<StreamMemory*>(stream->private_data);
  *out = memory->schema;
  memory->schema.release = nullptr;
  return 0;
}

int stream_next(ArrowArrayStream* stream, ArrowArray* out) {
  auto* const memory = static_cast<StreamMemory*>(stream->private_data);
  *out = memory->array;
  memory->array.release = nullptr;
  return 0;
}

void release_stream(ArrowArrayStream* stream) {
  delete static_cast<StreamMemory*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

void export_stream(Batch&& batch, ArrowArrayStream* out) {
  auto memory = std::make_unique<StreamMemory>();
  batch.export_to(&memory->schema, &memory->array);
  *out = ArrowArrayStream{&stream_schema, &stream_next, [](ArrowArrayStream*) -> const char* { return nullptr; },
                          &release_stream, memory.release()};
}

}  // namespace flott
