#include "flott/kafka_consumer.h"

#include <unistd.h>

#include <algorithm>

namespace flott::kafka {
namespace {

constexpr std::size_t kFailuresMax = 100;
// Asking for positions costs a search for each partition; it may take this share of the time.
constexpr int kLookShare = 50;

// What a consumer gets over by trying again.
bool is_passing(int code) {
  switch (code) {
    case kTransport:
    case kResolve:
    case kAllBrokersDown:
    case kTimedOut:
    case kTimedOutInQueue:
    case kNodeUpdate:
    case kSsl:
    case kWaitCoordinator:
    case kRetry:
    case kUnknownPartition:  // of a topic that is there: not every broker knows of it yet
    case kMaxPollExceeded:
    case kDestroyBroker:
    case kUnknown:
    case 5:    // LEADER_NOT_AVAILABLE
    case 6:    // NOT_LEADER_FOR_PARTITION
    case 7:    // REQUEST_TIMED_OUT
    case 8:    // BROKER_NOT_AVAILABLE
    case 9:    // REPLICA_NOT_AVAILABLE
    case 13:   // NETWORK_EXCEPTION
    case 14:   // COORDINATOR_LOAD_IN_PROGRESS
    case 15:   // COORDINATOR_NOT_AVAILABLE
    case 16:   // NOT_COORDINATOR
    case kUnknownMember:
    case kRebalanceInProgress:
    case kGroupAuthorizationFailed:  // the group is for monitoring only
    case 56:   // KAFKA_STORAGE_ERROR
    case 70:   // FETCH_SESSION_ID_NOT_FOUND
    case 71:   // INVALID_FETCH_SESSION_EPOCH
    case 72:   // LISTENER_NOT_FOUND
    case 74:   // FENCED_LEADER_EPOCH
    case 75:   // UNKNOWN_LEADER_EPOCH
    case 78:   // OFFSET_NOT_AVAILABLE
    case 89:   // THROTTLING_QUOTA_EXCEEDED
    case 100:  // UNKNOWN_TOPIC_ID
    case 103:  // INCONSISTENT_TOPIC_ID
      return true;
    default:
      return false;
  }
}

void on_arrival(Handle*, void* wake) { static_cast<Wake*>(wake)->fire(); }

// `offsets` are those that were sent; each says by itself whether it was taken, if the request was.
void on_commit(Handle*, int error, PartitionList* offsets, void* opaque) {
  auto* const connection = static_cast<Connection*>(opaque);
  const Library& library = connection->library();
  CommitOutcome outcome;
  for (int i = 0; offsets && i < offsets->count; ++i) {
    const PartitionEntry& entry = offsets->entries[i];
    const int reason = error ? error : entry.error;
    outcome.entries.push_back({{entry.topic, entry.partition}, entry.offset, reason ? library.err2str(reason) : ""});
  }
  connection->note_commit(std::move(outcome));
}

// Frees messages that an exception left behind.
class Messages {
 public:
  Messages(const Library& library, std::vector<Message*>& room, std::size_t count)
      : library_(library), room_(room), count_(count) {}
  ~Messages() {
    for (std::size_t i = 0; i < count_; ++i) {
      if (room_[i]) library_.message_destroy(room_[i]);
    }
  }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

 private:
  const Library& library_;
  std::vector<Message*>& room_;
  std::size_t count_;
};

}  // namespace

void Wake::fire() {
  if (!is_armed_.exchange(false)) return;
  const std::lock_guard lock(mutex_);
  const char byte = 1;
  if (fd_ >= 0 && write(fd_, &byte, 1) < 0) return;  // a full pipe wakes as well
}

void Wake::close() {
  const std::lock_guard lock(mutex_);
  fd_ = -1;
}

Consumer::Consumer(std::shared_ptr<const Library> library, const Properties& properties, unsigned columns, int wake_fd)
    : Client(library, kConsumer, properties),
      library_(std::move(library)),
      columns_(columns),
      wake_(std::make_shared<Wake>(wake_fd)) {
  const auto connection = use();
  const Library& functions = *library_;
  queue_ = functions.queue_get_consumer(connection->handle());
  if (!queue_) throw failure_of(functions, kInvalidArgument, "a consumer needs the property group.id");
  Queue* const main = functions.queue_get_main(connection->handle());
  functions.queue_cb_event_enable(main, &on_arrival, wake_.get());
  functions.queue_cb_event_enable(queue_, &on_arrival, wake_.get());
  connection->before_end = [&functions, main, queue = queue_, wake = wake_] {
    functions.queue_cb_event_enable(queue, nullptr, nullptr);
    functions.queue_cb_event_enable(main, nullptr, nullptr);
    functions.queue_destroy(queue);
    functions.queue_destroy(main);
  };
}

Consumer::~Consumer() { wake_->close(); }

void Consumer::close(int timeout_ms) {
  wake_->close();
  Client::close(timeout_ms);
}

void Consumer::fill(Partitions& list, const std::vector<PartitionId>& ids) const {
  for (PartitionId id : ids) {
    const Slot& slot = slots_.at(id);
    if (slot.is_assigned) list.add(slot.partition.topic, slot.partition.partition);
  }
}

void Consumer::drop_failures(const Partition& partition) {
  std::erase_if(failures_, [&](const Failure& failure) {
    return failure.topic == partition.topic && failure.partition == partition.partition;
  });
}

void Consumer::assign(const std::vector<Start>& starts) {
  const auto connection = use();
  const Library& library = connection->library();
  std::vector<PartitionId> again;
  for (const Start& start : starts) {
    if (start.id < slots_.size() && slots_[start.id].is_assigned) again.push_back(start.id);
  }
  if (!again.empty()) unassign(again);
  Partitions list(library, starts.size());
  for (const Start& start : starts) list.add(start.partition.topic, start.partition.partition, start.offset);
  require(library, library.incremental_assign(connection->handle(), list.get()));
  for (const Start& start : starts) {
    if (start.id >= slots_.size()) slots_.resize(start.id + 1);
    Slot& slot = slots_[start.id];
    slot = Slot{};
    slot.partition = start.partition;
    slot.is_assigned = true;
    slot.position = start.offset;
    std::vector<PartitionId>& ids = ids_[start.partition.topic];
    const auto at = static_cast<std::size_t>(start.partition.partition);
    if (at >= ids.size()) ids.resize(at + 1, kNoSlot);
    ids[at] = start.id;
  }
  looked_at_.reset();
}

void Consumer::unassign(const std::vector<PartitionId>& ids) {
  const auto connection = use();
  const Library& library = connection->library();
  Partitions list(library, ids.size());
  fill(list, ids);
  if (list.size()) require(library, library.incremental_unassign(connection->handle(), list.get()));
  for (PartitionId id : ids) {
    Slot& slot = slots_.at(id);
    if (!slot.is_assigned) continue;
    slot.is_assigned = false;
    ids_[slot.partition.topic][static_cast<std::size_t>(slot.partition.partition)] = kNoSlot;
    drop_failures(slot.partition);
  }
  looked_at_.reset();
}

void Consumer::pause(const std::vector<PartitionId>& ids) {
  const auto connection = use();
  Partitions list(connection->library(), ids.size());
  fill(list, ids);
  const int error = connection->library().pause_partitions(connection->handle(), list.get());
  if (error) throw connection->describe(error);
}

void Consumer::resume(const std::vector<PartitionId>& ids) {
  const auto connection = use();
  Partitions list(connection->library(), ids.size());
  fill(list, ids);
  const int error = connection->library().resume_partitions(connection->handle(), list.get());
  if (error) throw connection->describe(error);
}

std::optional<Fetched> Consumer::poll(std::size_t rows_max) {
  const auto connection = use();
  const Library& library = connection->library();
  if (room_.size() < rows_max) room_.resize(rows_max);
  while (true) {
    wake_->arm();
    connection->serve();
    raise_failures(*connection);
    const ssize_t taken = library.consume_batch_queue(queue_, 0, room_.data(), rows_max);
    if (taken < 0) throw connection->describe(library.last_error());
    if (taken == 0) {
      raise_failures(*connection);  // looking into the queue may have brought some
      if (!look_at_positions(*connection)) return std::nullopt;
    }
    wake_->disarm();
    const auto count = static_cast<std::size_t>(taken);
    const Messages guard(library, room_, count);
    const std::size_t records = sort_out(*connection, count);
    if (is_mixed_) bring_together(records);
    Batch batch = take_records(library, room_, records, columns_, sizes_);
    Fetched fetched = take_touched();
    fetched.batch = std::move(batch);
    if (records || !fetched.positions.empty() || !fetched.ends.empty()) return fetched;
  }
}

void Consumer::raise_failures(Connection& connection) {
  if (const auto failure = connection.failure()) {
    connection.clear_failure();
    throw *failure;
  }
  for (Failure& failure : connection.take_partition_failures()) take_failure(connection, std::move(failure));
  if (failures_.empty()) return;
  const Failure failure = std::move(failures_.front());
  failures_.pop_front();
  throw failure;
}

Consumer::Slot* Consumer::find(const Message& message, PartitionId& id) {
  if (message.topic != last_topic_) {
    last_topic_ = message.topic;
    const auto found = message.topic ? ids_.find(library_->topic_name(message.topic)) : ids_.end();
    last_ids_ = found == ids_.end() ? nullptr : &found->second;
  }
  const auto at = static_cast<std::size_t>(message.partition);
  if (!last_ids_ || message.partition < 0 || at >= last_ids_->size() || (*last_ids_)[at] == kNoSlot) return nullptr;
  id = (*last_ids_)[at];
  return &slots_[id];
}

Consumer::Slot& Consumer::touch(PartitionId id) {
  Slot& slot = slots_[id];
  if (slot.is_touched) return slot;
  slot.is_touched = true;
  slot.moved_from = slot.position;
  slot.end = kNowhere;
  slot.rows = 0;
  touched_.push_back(id);
  return slot;
}

std::size_t Consumer::sort_out(Connection& connection, std::size_t count) {
  const Library& library = connection.library();
  sizes_ = {};
  is_mixed_ = false;
  last_topic_ = nullptr;
  owners_.resize(std::max(owners_.size(), count));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Message* const message = room_[i];
    room_[i] = nullptr;
    PartitionId id = kNoSlot;
    Slot* const slot = find(*message, id);
    if (message->error == kNoError && slot && message->offset >= slot->position) {
      touch(id);
      // A partition can have been touched by its end, or by its position, before its first row comes.
      is_mixed_ |= slot->rows ? owners_[kept - 1] != id : touched_.back() != id;
      ++slot->rows;
      slot->position = message->offset + 1;
      sizes_.keys += message->key_size;
      sizes_.values += message->size;
      owners_[kept] = id;
      room_[kept++] = message;
      continue;
    }
    if (message->error == kPartitionEof && slot) {
      touch(id);
      slot->position = std::max(slot->position, message->offset);
      slot->end = message->offset;
    } else if (message->error != kNoError && message->error != kPartitionEof) {
      take_error(connection, *message);
    }
    library.message_destroy(message);
  }
  last_ids_ = nullptr;
  return kept;
}

void Consumer::take_error(Connection& connection, const Message& message) {
  const char* const text = connection.library().message_errstr(&message);
  Failure failure = connection.describe(message.error, text ? text : "");
  if (message.topic) {
    failure.topic = connection.library().topic_name(message.topic);
    failure.partition = message.partition;
  }
  take_failure(connection, std::move(failure));
}

void Consumer::take_failure(Connection& connection, Failure failure) {
  connection.note_error(failure);
  if (!failure.is_fatal && is_passing(failure.code)) return;
  const bool is_of_partition = !failure.topic.empty() && failure.partition >= 0;
  if (is_of_partition && id_of(failure.topic, failure.partition) == kNoSlot) return;  // left meanwhile
  if (failures_.size() < kFailuresMax) failures_.push_back(std::move(failure));
}

PartitionId Consumer::id_of(const std::string& topic, std::int32_t partition) const {
  const auto found = ids_.find(topic);
  const auto at = static_cast<std::size_t>(partition);
  return found == ids_.end() || at >= found->second.size() ? kNoSlot : found->second[at];
}

// A stable counting sort: the parts stand in the order in which they first appeared.
void Consumer::bring_together(std::size_t count) {
  std::size_t next = 0;
  for (PartitionId id : touched_) {
    slots_[id].next = next;
    next += static_cast<std::size_t>(slots_[id].rows);
  }
  sorted_.resize(std::max(sorted_.size(), room_.size()));
  for (std::size_t i = 0; i < count; ++i) sorted_[slots_[owners_[i]].next++] = room_[i];
  std::copy_n(sorted_.begin(), count, room_.begin());
}

Fetched Consumer::take_touched() {
  Fetched fetched;
  for (PartitionId id : touched_) {
    Slot& slot = slots_[id];
    slot.is_touched = false;
    slot.has_moved = true;
    if (slot.rows) fetched.parts.emplace_back(id, slot.rows);
    if (slot.position != slot.moved_from) fetched.positions.emplace_back(id, slot.position);
    if (slot.end == slot.position) fetched.ends.push_back(id);
  }
  touched_.clear();
  return fetched;
}

// Control records move a position without a message.
bool Consumer::look_at_positions(const Connection& connection) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point started = Clock::now();
  if (started < next_look_) return false;
  if (!looked_at_) {
    looked_at_ids_.clear();
    for (PartitionId id = 0; id < slots_.size(); ++id) {
      if (slots_[id].is_assigned) looked_at_ids_.push_back(id);
    }
    looked_at_ = std::make_unique<Partitions>(connection.library(), looked_at_ids_.size());
    fill(*looked_at_, looked_at_ids_);
  }
  connection.library().position(connection.handle(), looked_at_->get());
  for (std::size_t i = 0; i < looked_at_ids_.size(); ++i) {
    const std::int64_t position = (*looked_at_)[i].offset;
    const Slot& slot = slots_[looked_at_ids_[i]];
    if (!slot.has_moved || position <= slot.position) continue;
    touch(looked_at_ids_[i]).position = position;
  }
  const Clock::time_point ended = Clock::now();
  next_look_ = ended + (ended - started) * kLookShare;
  return !touched_.empty();
}

void Consumer::commit(const std::vector<std::pair<Partition, std::int64_t>>& offsets) {
  const auto connection = use();
  const Library& library = connection->library();
  Partitions list(library, offsets.size());
  for (const auto& [partition, offset] : offsets) list.add(partition.topic, partition.partition, offset);
  Queue* const main = library.queue_get_main(connection->handle());
  const int error = library.commit_queue(connection->handle(), list.get(), main, &on_commit, connection.get());
  library.queue_destroy(main);
  if (error) on_commit(connection->handle(), error, list.get(), connection.get());
}

std::vector<CommitOutcome> Consumer::take_commits() {
  const auto connection = use();
  connection->serve();
  return connection->take_commits();
}

std::optional<std::int64_t> Consumer::end_offset(PartitionId id) {
  const auto connection = use();
  const Slot& slot = slots_.at(id);
  std::int64_t low = kInvalidOffset;
  std::int64_t high = kInvalidOffset;
  const int error = connection->library().get_watermark_offsets(
      connection->handle(), slot.partition.topic.c_str(), slot.partition.partition, &low, &high);
  if (error || high < 0) return std::nullopt;
  return high;
}

}  // namespace flott::kafka
