#include "flott/kafka_producer.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

#include "flott/kafka_records.h"

namespace flott::kafka {
namespace {

constexpr std::int64_t kBatchRows = 512;
constexpr std::int64_t kChunkRows = 4096;
constexpr std::int64_t kSortedRowsMin = 64;
constexpr std::int32_t kTargetsMax = 4096;            // partitions of a topic by which rows are sorted
constexpr std::size_t kOverheadMax = 512;             // what librdkafka adds to a record's size, and more
constexpr std::size_t kArgumentsMax = 7;

void require_type(bool is_right, const char* column, const char* type) {
  if (!is_right) throw std::invalid_argument(std::string("the column '") + column + "' is to be " + type);
}

bool is_bytes(const ColumnType& type) {
  return type.format == "n" || (type.storage() == Storage::kBytes && !type.is_nested());
}

bool is_headers(const ColumnType& type) {
  if (type.format == "n") return true;
  if (type.format[0] != '+' || (type.format[1] != 'L' && type.format[1] != 'l')) return false;
  const ColumnType& item = type.children[0];
  return item.format == "+s" && item.children.size() == 2 && is_bytes(item.children[0]) && is_bytes(item.children[1]);
}

}  // namespace

// The columns of a frame of records; null for one that it does not have.
struct Producer::Columns {
  const Column* topic = nullptr;
  const Column* partition = nullptr;
  const Column* timestamp = nullptr;
  const Column* key = nullptr;
  const Column* value = nullptr;
  const Column* headers = nullptr;

  explicit Columns(Frame& frame) {
    for (std::size_t i = 0; i < frame.width(); ++i) {
      const ColumnType& type = frame.type(i);
      const Storage storage = type.storage();
      const bool is_null = storage == Storage::kNull;
      if (type.name == "topic") {
        require_type(is_bytes(type), "topic", "String");
        topic = &frame.column(i);
      } else if (type.name == "partition") {
        require_type(is_null || storage == Storage::kInt32, "partition", "Int32");
        partition = &frame.column(i);
      } else if (type.name == "timestamp") {
        require_type(is_null || storage == Storage::kInt64, "timestamp", "Int64");
        timestamp = &frame.column(i);
      } else if (type.name == "key") {
        require_type(is_bytes(type), "key", "Binary");
        key = &frame.column(i);
      } else if (type.name == "value") {
        require_type(is_bytes(type), "value", "Binary");
        value = &frame.column(i);
      } else if (type.name == "headers") {
        require_type(is_headers(type), "headers", "List(Struct(key: String, value: Binary))");
        headers = &frame.column(i);
      }
    }
    if (!value) throw std::invalid_argument("a frame of records has no column 'value'");
  }

  std::int32_t partition_of(std::int64_t row) const {
    return partition && partition->is_valid(row) ? partition->values<std::int32_t>()[row] : kAnyPartition;
  }
  std::string_view topic_of(std::int64_t row) const {
    return topic && topic->is_valid(row) ? topic->bytes(row) : std::string_view();
  }
};

namespace {

// A null pointer means null to librdkafka, so no bytes need an address, too.
std::pair<void*, std::size_t> bytes_of(const Column* column, std::int64_t row) {
  if (!column || !column->is_valid(row)) return {nullptr, 0};
  const std::string_view bytes = column->bytes(row);
  return {const_cast<char*>(bytes.empty() ? "" : bytes.data()), bytes.size()};
}

std::string property_of(const Properties& properties, std::string_view name) {
  for (const auto& [key, value] : properties) {
    if (key == name) return value;
  }
  return {};
}

std::int64_t number_of(const Properties& properties, std::string_view name, std::int64_t otherwise) {
  const std::string given = property_of(properties, name);
  return given.empty() ? otherwise : std::stoll(given);
}

}  // namespace

// A topic's handle, and how many partitions the partitioner saw last: rows are sorted by what it is
// going to choose. Should that be out of date, rows of a key are still in order.
struct Producer::TopicState {
  Topic* handle = nullptr;
  Partitioner* partitioner = nullptr;
  std::atomic<std::int32_t> partitions{0};

  static std::int32_t choose(const Topic* topic, const void* key, std::size_t size, std::int32_t partitions, void* opaque,
                             void* message) {
    auto* const state = static_cast<TopicState*>(opaque);
    state->partitions.store(partitions, std::memory_order_relaxed);
    return state->partitioner(topic, key, size, partitions, opaque, message);
  }
};

// Freed with the connection.
struct Producer::Topics {
  std::unordered_map<std::string, TopicState> states;
};

Producer::Producer(std::shared_ptr<const Library> library, const Properties& properties, std::string topic)
    : Client(std::move(library), kProducer, properties),
      topic_(std::move(topic)),
      is_transactional_(!property_of(properties, "transactional.id").empty()),
      is_murmur2_(property_of(properties, "partitioner") == "murmur2_random"),
      size_max_(static_cast<std::size_t>(number_of(properties, "message.max.bytes", 1'000'000))),
      queue_rows_max_(number_of(properties, "queue.buffering.max.messages", 100'000)),
      queue_bytes_max_(number_of(properties, "queue.buffering.max.kbytes", 1'048'576) * 1024),
      topics_(std::make_shared<Topics>()) {
  const auto connection = use();
  connection->before_end = [&functions = connection->library(), topics = topics_] {
    for (const auto& [name, state] : topics->states) functions.topic_destroy(state.handle);
  };
}

Producer::TopicState& Producer::topic_of(const Connection& connection, std::string_view name) {
  const std::string wanted(name.empty() ? std::string_view(topic_) : name);
  if (wanted.empty()) throw std::invalid_argument("a record names no topic, and the producer has none of its own");
  const auto [found, is_new] = topics_->states.try_emplace(wanted);
  TopicState& state = found->second;
  if (!is_new) return state;
  const Library& library = connection.library();
  TopicConf* conf = nullptr;
  if (is_murmur2_) {
    state.partitioner = library.msg_partitioner_murmur2_random;
    conf = library.default_topic_conf_dup(connection.handle());
    library.topic_conf_set_opaque(conf, &state);
    library.topic_conf_set_partitioner_cb(conf, &TopicState::choose);
  }
  state.handle = library.topic_new(connection.handle(), wanted.c_str(), conf);
  if (state.handle) return state;
  topics_->states.erase(found);
  Failure failure = connection.describe(library.last_error());
  failure.topic = wanted;
  throw failure;
}

void Producer::refuse(const Connection& connection, Failure failure, Topic* topic) const {
  failure.topic = connection.library().topic_name(topic);
  failure.needs_abort = is_transactional_ && !failure.is_fatal;
  throw failure;
}

std::int64_t Producer::produce(Frame& records) {
  const auto connection = use();
  const Columns columns(records);
  std::int64_t row = 0;
  while (row < records.rows()) {
    const Chunk chunk = next_chunk(*connection, columns, row, records.rows());
    const bool is_plain = !columns.timestamp && !columns.headers;
    const std::int64_t taken =
        is_plain ? produce_batches(*connection, columns, chunk) : produce_rows(*connection, columns, chunk);
    row += taken;
    if (taken < chunk.count) break;
  }
  return row;
}

Producer::Chunk Producer::next_chunk(const Connection& connection, const Columns& columns, std::int64_t first,
                                     std::int64_t rows) {
  const Chunk plain{first, std::min(rows - first, kChunkRows), nullptr};
  if (columns.topic || columns.headers || !(columns.partition || columns.key)) return plain;
  const std::int64_t count = std::min(plain.count, room_in_queue(connection));
  if (count < kSortedRowsMin || !find_targets(connection, columns, first, count)) return plain;
  if (room_in_queue(connection) < count) return plain;  // a value is larger than those before
  sort_by_target(count);
  return {first, count, order_.data()};
}

// Rows that certainly find room, if none is larger than what there was.
std::int64_t Producer::room_in_queue(const Connection& connection) const {
  const std::int64_t by_bytes = queue_bytes_max_ / static_cast<std::int64_t>(largest_);
  const std::int64_t limit = queue_rows_max_ > 0 ? std::min(queue_rows_max_, by_bytes) : by_bytes;
  return limit - connection.library().outq_len(connection.handle());
}

// Where rows go; false if they are to keep their order because one may be refused, or if it is unknown.
bool Producer::find_targets(const Connection& connection, const Columns& columns, std::int64_t first,
                            std::int64_t count) {
  const Library& library = connection.library();
  const TopicState& topic = topic_of(connection, {});
  const std::int32_t partitions = topic.partitions.load(std::memory_order_relaxed);
  if (!columns.partition && partitions < 2) return false;
  targets_.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t row = first + i;
    const auto [key, key_size] = bytes_of(columns.key, row);
    const std::size_t size = bytes_of(columns.value, row).second;
    if (key_size + size + kOverheadMax > size_max_) return false;
    largest_ = std::max(largest_, size);
    std::int32_t target = columns.partition_of(row);
    if (target < 0 && key && partitions > 0) {
      target = library.msg_partitioner_murmur2(topic.handle, key, key_size, partitions, nullptr, nullptr);
    }
    if (target < 0 || target >= kTargetsMax) return false;
    targets_[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(target);
  }
  return true;
}

void Producer::sort_by_target(std::int64_t count) {
  starts_.assign(kTargetsMax + 1, 0);
  for (const std::uint32_t target : targets_) ++starts_[target + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  order_.resize(static_cast<std::size_t>(count));
  for (std::uint32_t i = 0; i < targets_.size(); ++i) order_[starts_[targets_[i]]++] = i;
}

std::int64_t Producer::produce_batches(const Connection& connection, const Columns& columns, const Chunk& chunk) {
  room_.resize(static_cast<std::size_t>(std::min(chunk.count, kBatchRows)));
  const int flags = kCopy | (columns.partition ? kPartitionGiven : 0);
  std::int64_t done = 0;
  while (done < chunk.count) {
    const std::string_view name = columns.topic_of(chunk.row(done));
    Topic* const topic = topic_of(connection, name).handle;
    int count = 0;
    for (bool is_last = false; !is_last && count < kBatchRows && done + count < chunk.count; ++count) {
      const std::int64_t row = chunk.row(done + count);
      if (columns.topic && columns.topic_of(row) != name) break;
      Message& message = room_[static_cast<std::size_t>(count)];
      message = Message{};
      message.partition = columns.partition_of(row);
      std::tie(message.key, message.key_size) = bytes_of(columns.key, row);
      std::tie(message.payload, message.size) = bytes_of(columns.value, row);
      largest_ = std::max(largest_, message.size);
      // One that may be refused goes alone: a batch would pass over it and take the next.
      is_last = message.key_size + message.size + kOverheadMax > size_max_;
      if (is_last && count) break;
    }
    const int taken = connection.library().produce_batch(topic, kAnyPartition, flags, room_.data(), count);
    if (taken == count) {
      done += count;
      continue;
    }
    // A full queue refuses all the rest; anything else only the record itself.
    for (int i = 0; i < count; ++i, ++done) {
      const Message& message = room_[static_cast<std::size_t>(i)];
      if (message.error == kNoError) continue;
      const bool is_first = chunk.first + done == 0;
      if (!chunk.order && (message.error == kQueueFull || (count == 1 && !is_first))) return done;
      Failure failure = connection.describe(message.error);
      failure.partition = message.partition;
      refuse(connection, std::move(failure), topic);
    }
  }
  return done;
}

std::int64_t Producer::produce_rows(const Connection& connection, const Columns& columns, const Chunk& chunk) {
  const Library& library = connection.library();
  std::string_view name;
  Topic* topic = nullptr;
  for (std::int64_t i = 0; i < chunk.count; ++i) {
    const std::int64_t row = chunk.row(i);
    const std::string_view wanted = columns.topic_of(row);
    if (!topic || wanted != name) {
      topic = topic_of(connection, wanted).handle;
      name = wanted;
    }
    Argument arguments[kArgumentsMax];
    std::size_t count = 0;
    const auto next = [&](ArgumentKind kind) -> Argument& {
      arguments[count].kind = kind;
      return arguments[count++];
    };
    next(kArgTopic).topic = topic;
    next(kArgFlags).flags = kCopy;
    next(kArgPartition).partition = columns.partition_of(row);
    const auto key = bytes_of(columns.key, row);
    next(kArgKey).bytes = {key.first, key.second};
    const auto value = bytes_of(columns.value, row);
    next(kArgValue).bytes = {value.first, value.second};
    largest_ = std::max(largest_, value.second);
    if (columns.timestamp && columns.timestamp->is_valid(row)) {
      next(kArgTimestamp).timestamp = columns.timestamp->values<std::int64_t>()[row];
    }
    Headers* headers = nullptr;
    if (columns.headers && columns.headers->is_valid(row)) headers = headers_from(library, columns.headers->bytes(row));
    if (headers) next(kArgHeaders).headers = headers;
    ErrorValue* const error = library.produceva(connection.handle(), arguments, count);
    if (!error) continue;
    if (headers) library.headers_destroy(headers);
    const int code = library.error_code(error);
    Failure failure = connection.describe(code, library.error_string(error));
    library.error_destroy(error);
    if (!chunk.order && (code == kQueueFull || chunk.first + i > 0)) return i;
    failure.partition = columns.partition_of(row);
    refuse(connection, std::move(failure), topic);
  }
  return chunk.count;
}

void Producer::check() {
  const auto connection = use();
  connection->serve();
  auto failure = connection->failure();
  if (!failure) return;
  failure->needs_abort = is_transactional_ && !failure->is_fatal;
  throw *failure;
}

std::int64_t Producer::outstanding() {
  const auto connection = use_if_open();
  if (!connection) return 0;
  connection->serve();
  return connection->library().outq_len(connection->handle());
}

bool Producer::flush(int timeout_ms) {
  const int error = [&] {
    const auto connection = use();
    return connection->library().flush(connection->handle(), timeout_ms);
  }();
  check();
  return error == kNoError;
}

void Producer::init_transactions(int timeout_ms) {
  const auto connection = use();
  require(connection->library(), connection->library().init_transactions(connection->handle(), timeout_ms));
}

void Producer::begin_transaction() {
  const auto connection = use();
  require(connection->library(), connection->library().begin_transaction(connection->handle()));
  connection->serve();
  connection->clear_failure();
}

void Producer::send_offsets(const std::string& group, const std::vector<GroupOffset>& offsets, int timeout_ms) {
  const auto connection = use();
  const Library& library = connection->library();
  Partitions list(library, offsets.size());
  for (const GroupOffset& offset : offsets) {
    PartitionEntry& entry = list.add(offset.partition.topic, offset.partition.partition, offset.offset);
    if (offset.metadata.empty()) continue;
    entry.metadata = std::malloc(offset.metadata.size());  // the list frees it
    if (!entry.metadata) throw std::bad_alloc();
    std::memcpy(entry.metadata, offset.metadata.data(), offset.metadata.size());
    entry.metadata_size = offset.metadata.size();
  }
  GroupMetadata* const member = library.consumer_group_metadata_new(group.c_str());
  ErrorValue* const error = library.send_offsets_to_transaction(connection->handle(), list.get(), member, timeout_ms);
  library.consumer_group_metadata_destroy(member);
  require(library, error);
}

void Producer::commit_transaction(int timeout_ms) {
  const auto connection = use();
  require(connection->library(), connection->library().commit_transaction(connection->handle(), timeout_ms));
}

void Producer::abort_transaction(int timeout_ms) {
  const auto connection = use();
  require(connection->library(), connection->library().abort_transaction(connection->handle(), timeout_ms));
  connection->serve();
  connection->clear_failure();
}

}  // namespace flott::kafka
