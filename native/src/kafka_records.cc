// One pass over the messages fills all columns, so that each message is in the cache but once.
#include "flott/kafka_records.h"

#include <cstring>
#include <utility>

namespace flott::kafka {
namespace {

constexpr std::int64_t kNoTimestamp = -1;
constexpr int kTimestampUnknown = 0;

ColumnType headers_type() {
  return {"+L", "headers", {{"+s", "item", {{"vu", "key", {}}, {"vz", "value", {}}}}}};
}

// A column, if it is wanted, and where its rows are written.
template <typename T>
struct Writer {
  Writer(unsigned columns, unsigned which, ColumnType type, std::size_t count)
      : column(std::move(type)), is_wanted(columns & which) {
    if (is_wanted) rows = column.extend<T>(static_cast<std::int64_t>(count));
  }
  explicit operator bool() const { return is_wanted; }

  ColumnBuilder column;
  bool is_wanted;
  T* rows = nullptr;
};

std::string_view text_of(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

class RecordWriter {
 public:
  RecordWriter(const Library& library, std::size_t count, unsigned columns, const RecordSizes& sizes)
      : library_(library),
        topic_(columns, kTopicColumn, {"vu", "topic", {}}, count),
        partition_(columns, kPartitionColumn, {"i", "partition", {}}, count),
        offset_(columns, kOffsetColumn, {"l", "offset", {}}, count),
        timestamp_(columns, kTimestampColumn, {"l", "timestamp", {}}, count),
        timestamp_type_(columns, kTimestampTypeColumn, {"c", "timestamp_type", {}}, count),
        leader_epoch_(columns, kLeaderEpochColumn, {"i", "leader_epoch", {}}, count),
        key_(columns, kKeyColumn, {"vz", "key", {}}, count),
        value_(columns, kValueColumn, {"vz", "value", {}}, count),
        headers_(headers_type()),
        has_headers_(columns & kHeadersColumn) {
    if (key_) key_.column.reserve_bytes(sizes.keys);
    if (value_) value_.column.reserve_bytes(sizes.values);
  }

  void write(const Message& message, std::size_t row) {
    const auto at = static_cast<std::int64_t>(row);
    if (topic_) topic_.rows[row] = topic_entry(message.topic);
    if (partition_) partition_.rows[row] = message.partition;
    if (offset_) offset_.rows[row] = message.offset;
    if (timestamp_ || timestamp_type_) write_time(message, row);
    if (leader_epoch_) {
      leader_epoch_.rows[row] = library_.message_leader_epoch(&message);
      if (leader_epoch_.rows[row] < 0) leader_epoch_.column.set_null(at);
    }
    if (key_) write_bytes(key_, message.key, message.key_size, row);
    if (value_) write_bytes(value_, message.payload, message.size, row);
    if (has_headers_) write_headers(message);
  }

  Batch finish() {
    Batch batch;
    add(batch, topic_);
    add(batch, partition_);
    add(batch, offset_);
    add(batch, timestamp_);
    add(batch, timestamp_type_);
    add(batch, leader_epoch_);
    add(batch, key_);
    add(batch, value_);
    if (has_headers_) batch.add(std::move(headers_));
    return batch;
  }

 private:
  template <typename T>
  static void add(Batch& batch, Writer<T>& writer) {
    if (writer) batch.add(std::move(writer.column));
  }

  static void write_bytes(Writer<ArrowView>& writer, const void* data, std::size_t size, std::size_t row) {
    if (data) {
      writer.rows[row] = writer.column.keep(text_of(data, size));
    } else {
      writer.rows[row] = ArrowView{};
      writer.column.set_null(static_cast<std::int64_t>(row));
    }
  }

  // All rows of a topic share the bytes of its name.
  ArrowView topic_entry(const Topic* topic) {
    if (topic != last_topic_) {
      last_topic_ = topic;
      last_topic_entry_ = topic_.column.keep(library_.topic_name(topic));
    }
    return last_topic_entry_;
  }

  void write_time(const Message& message, std::size_t row) {
    int type = kTimestampUnknown;
    const std::int64_t time = library_.message_timestamp(&message, &type);
    const bool is_known = type != kTimestampUnknown && time != kNoTimestamp;
    if (timestamp_) {
      timestamp_.rows[row] = is_known ? time : 0;
      if (!is_known) timestamp_.column.set_null(static_cast<std::int64_t>(row));
    }
    if (timestamp_type_) timestamp_type_.rows[row] = static_cast<std::int8_t>(is_known ? type : kTimestampUnknown);
  }

  void write_headers(const Message& message) {
    Headers* found = nullptr;
    if (library_.message_headers(&message, &found) == kNoError) {
      ColumnBuilder& item = headers_.child(0);
      const std::size_t count = library_.header_cnt(found);
      for (std::size_t i = 0; i < count; ++i) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        if (library_.header_get_all(found, i, &name, &value, &size) != kNoError) break;
        item.child(0).push_bytes(name);
        if (value) item.child(1).push_bytes(text_of(value, size));
        if (!value) item.child(1).push_null();
        item.close_struct();
      }
    }
    headers_.close_list();
  }

  const Library& library_;
  Writer<ArrowView> topic_;
  Writer<std::int32_t> partition_;
  Writer<std::int64_t> offset_;
  Writer<std::int64_t> timestamp_;
  Writer<std::int8_t> timestamp_type_;
  Writer<std::int32_t> leader_epoch_;
  Writer<ArrowView> key_;
  Writer<ArrowView> value_;
  ColumnBuilder headers_;
  bool has_headers_;
  const Topic* last_topic_ = nullptr;
  ArrowView last_topic_entry_{};
};

template <typename T>
T take(std::string_view& at) {
  T value;
  std::memcpy(&value, at.data(), sizeof value);
  at.remove_prefix(sizeof value);
  return value;
}

// Encoded bytes or null (value_codec.h).
std::string_view take_bytes(std::string_view& at, bool& is_null) {
  is_null = take<char>(at) == 0;
  if (is_null) return {};
  const auto size = take<std::uint32_t>(at);
  const std::string_view bytes = at.substr(0, size);
  at.remove_prefix(size);
  return bytes;
}

}  // namespace

Batch take_records(const Library& library, std::vector<Message*>& messages, std::size_t count, unsigned columns,
                   const RecordSizes& sizes) {
  RecordWriter writer(library, count, columns, sizes);
  for (std::size_t row = 0; row < count; ++row) {
    writer.write(*messages[row], row);
    library.message_destroy(std::exchange(messages[row], nullptr));
  }
  return writer.finish();
}

Headers* headers_from(const Library& library, std::string_view encoded) {
  if (take<char>(encoded) == 0) return nullptr;
  const auto count = take<std::uint32_t>(encoded);
  if (count == 0) return nullptr;
  Headers* const headers = library.headers_new(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (take<char>(encoded) == 0) continue;
    bool is_null = false;
    const std::string_view name = take_bytes(encoded, is_null);
    const std::string_view value = take_bytes(encoded, is_null);
    const void* const data = is_null ? nullptr : value.empty() ? "" : value.data();
    library.header_add(headers, name.empty() ? "" : name.data(), static_cast<ssize_t>(name.size()), data,
                       static_cast<ssize_t>(value.size()));
  }
  return headers;
}

}  // namespace flott::kafka
