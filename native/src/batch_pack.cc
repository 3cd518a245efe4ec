// See batch_pack.h for the layout.
#include "flott/batch_pack.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

namespace flott {
namespace {

constexpr std::size_t kHead = sizeof(std::uint64_t) + sizeof(std::uint32_t);
constexpr std::size_t kCharsMax = std::size_t{1} << 30;  // offsets of views are 31 bits

template <typename T>
char* put(char* out, T value) {
  std::memcpy(out, &value, sizeof value);
  return out + sizeof value;
}

char* put_text(char* out, const std::string& text) {
  out = put(out, static_cast<std::uint16_t>(text.size()));
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// A builder writes texts as views, whatever they were.
const std::string& format_of(const ColumnType& type) {
  static const std::string kText = "vu", kBinary = "vz";
  if (type.storage() != Storage::kBytes) return type.format;
  if (type.is_view()) return type.format;
  return type.format[0] == 'u' || type.format[0] == 'U' ? kText : kBinary;
}

// Where texts of the source stand in what is written: the last ones for each of some addresses.
class Written {
 public:
  struct Place {
    const char* at = nullptr;
    std::uint32_t size = 0;
    std::int32_t offset = 0;

    bool is(std::string_view bytes) const { return at == bytes.data() && size == bytes.size(); }
  };
  // For the texts of so many rows.
  explicit Written(std::size_t rows)
      : bits_(std::min<int>(std::bit_width(rows) + 1, kBitsMax)), places_(std::size_t{1} << bits_) {}
  // The place of the text, or one for it.
  Place& of(std::string_view bytes) {
    const std::uint64_t hash = reinterpret_cast<std::uintptr_t>(bytes.data()) * 0x9E3779B97F4A7C15ULL;
    Place* const two = &places_[hash >> (64 - bits_) & ~std::uint64_t{1}];
    if (two[0].is(bytes)) return two[0];
    if (!two[1].is(bytes)) two[1] = two[0];
    else std::swap(two[0], two[1]);
    return two[0];
  }

 private:
  static constexpr int kBitsMax = 13;
  int bits_;
  std::vector<Place> places_;
};

// Reads what was packed, and never past its end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  const char* skip(std::size_t size) {
    if (size > left()) throw std::invalid_argument("a packed batch is cut short or damaged");
    const char* const at = at_;
    at_ += size;
    return at;
  }
  template <typename T>
  T take() {
    T value;
    std::memcpy(&value, skip(sizeof value), sizeof value);
    return value;
  }
  std::string take_text() {
    const auto size = take<std::uint16_t>();
    return {skip(size), size};
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

BatchPacker::BatchPacker(Frame& frame, std::span<const std::uint32_t> rows, bool takes_all)
    : frame_(frame), rows_(rows), takes_all_(takes_all),
      count_(takes_all ? static_cast<std::size_t>(frame.rows()) : rows.size()) {
  const auto end = static_cast<std::uint64_t>(frame.rows());
  const bool is_inside = std::all_of(rows.begin(), rows.end(), [&](std::uint32_t each) { return each < end; });
  if (!is_inside) throw std::out_of_range("a row to pack is not in the batch");
}

bool BatchPacker::takes(const Frame& frame) {
  const auto& types = frame.types();
  return std::none_of(types.begin(), types.end(), [](const ColumnType& type) { return type.is_nested(); });
}

std::size_t BatchPacker::bytes_max() {
  std::size_t bytes = kHead;
  for (std::size_t c = 0; c < frame_.width(); ++c) {
    const ColumnType& type = frame_.type(c);
    const Column& column = frame_.column(c);
    bytes += 2 * sizeof(std::uint64_t) + 2 * sizeof(std::uint16_t) + format_of(type).size() + type.name.size();
    bytes += (count_ + 7) / 8 + count_ * width_of(column.storage);
    if (column.storage != Storage::kBytes) continue;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::uint32_t at = row(i);
      if (!column.is_valid(at)) continue;
      const std::size_t size = column.bytes(at).size();
      if (size > kInlineBytesMax) bytes += size;
    }
  }
  return bytes;
}

char* BatchPacker::write_validity(const Column& column, char* out, std::uint64_t& nulls) const {
  const std::size_t size = (count_ + 7) / 8;
  std::memset(out, 0, size);
  nulls = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const bool is_valid = column.is_valid(row(i));
    out[i >> 3] |= static_cast<char>(is_valid << (i & 7));
    nulls += !is_valid;
  }
  return nulls ? out + size : out;
}

char* BatchPacker::write_views(const Column& column, char* out, std::uint64_t& chars) const {
  char* const texts = out + count_ * sizeof(ArrowView);
  Written written(count_);
  chars = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const std::uint32_t at = row(i);
    ArrowView entry{};
    if (column.is_valid(at)) {
      const std::string_view bytes = column.bytes(at);
      entry = column.entry(at);
      if (entry.size > kInlineBytesMax) {
        Written::Place& place = written.of(bytes);
        if (!place.is(bytes)) {
          if (chars + bytes.size() > kCharsMax) throw std::length_error("the texts of a batch are too long");
          place = {bytes.data(), static_cast<std::uint32_t>(bytes.size()), static_cast<std::int32_t>(chars)};
          std::memcpy(texts + chars, bytes.data(), bytes.size());
          chars += bytes.size();
        }
        entry.buffer = 0;
        entry.offset = place.offset;
      }
    }
    out = put(out, entry);
  }
  return texts + chars;
}

std::size_t BatchPacker::write(char* out) {
  char* const start = out;
  out = put(put(out, static_cast<std::uint64_t>(count_)), static_cast<std::uint32_t>(frame_.width()));
  std::vector<char*> heads;
  for (std::size_t c = 0; c < frame_.width(); ++c) {
    heads.push_back(out);
    out = put_text(out + 2 * sizeof(std::uint64_t), format_of(frame_.type(c)));
    out = put_text(out, frame_.type(c).name);
  }
  for (std::size_t c = 0; c < frame_.width(); ++c) {
    const Column& column = frame_.column(c);
    std::uint64_t nulls = 0, chars = 0;
    if (column.has_nulls()) out = write_validity(column, out, nulls);
    if (column.storage == Storage::kBytes) {
      out = write_views(column, out, chars);
    } else if (column.storage != Storage::kNull) {
      with_type(column.storage, [&](auto zero) {
        using T = decltype(zero);
        const T* const values = column.values<T>();
        if (takes_all_) std::memcpy(out, values, count_ * sizeof(T));
        for (std::size_t i = 0; i < rows_.size() && !takes_all_; ++i) {
          std::memcpy(out + i * sizeof(T), values + rows_[i], sizeof(T));
        }
        out += count_ * sizeof(T);
      });
    }
    put(put(heads[c], nulls), chars);
  }
  return static_cast<std::size_t>(out - start);
}

namespace {

struct Head {
  std::uint64_t nulls;
  std::uint64_t chars;
};

void check(bool holds) {
  if (!holds) throw std::invalid_argument("a packed batch is cut short or damaged");
}

// Every view points into the texts that came with it.
void check_views(const char* entries, const char* validity, std::uint64_t rows, std::uint64_t chars) {
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (validity && !(validity[i >> 3] >> (i & 7) & 1)) continue;
    ArrowView entry;
    std::memcpy(&entry, entries + i * sizeof entry, sizeof entry);
    check(entry.size >= 0);
    if (entry.size <= kInlineBytesMax) continue;
    check(entry.buffer == 0 && entry.offset >= 0);
    check(static_cast<std::uint64_t>(entry.offset) + static_cast<std::uint64_t>(entry.size) <= chars);
  }
}

ColumnBuilder take_head(Bytes& bytes, Head& head) {
  head = bytes.take<Head>();
  ColumnType type{bytes.take_text(), {}, {}};
  type.name = bytes.take_text();
  // Texts are packed as views, whatever they were.
  check(!type.is_nested() && (type.storage() != Storage::kBytes || type.is_view()));
  return ColumnBuilder(std::move(type));
}

void take_column(Bytes& bytes, std::uint64_t rows, const Head& head, ColumnBuilder& column) {
  const char* const validity = head.nulls ? bytes.skip((rows + 7) / 8) : nullptr;
  const Storage storage = column.type().storage();
  const char* const values = bytes.skip(rows * width_of(storage));
  const char* const chars = bytes.skip(head.chars);
  if (storage == Storage::kBytes) check_views(values, validity, rows, head.chars);
  column.fill(static_cast<std::int64_t>(rows), values, validity, static_cast<std::int64_t>(head.nulls),
              {chars, head.chars});
}

}  // namespace

Batch unpack_batch(std::string_view packed) {
  Bytes bytes(packed);
  const auto rows = bytes.take<std::uint64_t>();
  const auto width = bytes.take<std::uint32_t>();
  // Rows are numbered by 32 bits, and each column takes its head: no sum below overflows, and no
  // memory is asked for that the bytes cannot fill.
  check(rows <= UINT32_MAX && width <= bytes.left() / sizeof(Head));
  std::vector<Head> heads(width);
  std::vector<ColumnBuilder> columns;
  for (Head& head : heads) columns.push_back(take_head(bytes, head));
  Batch batch;
  for (std::size_t c = 0; c < width; ++c) {
    take_column(bytes, rows, heads[c], columns[c]);
    batch.add(std::move(columns[c]));
  }
  return batch;
}

}  // namespace flott
