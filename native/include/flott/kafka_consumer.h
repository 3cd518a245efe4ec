// Reads partitions of topics into columns.
//
// Partitions are assigned by hand; the group protocol has no part in it. All of them feed one queue
// of librdkafka. A poll empties that queue into an array of messages, brings those of a partition
// together, copies the wanted columns and frees the messages at once: a record costs one copy here
// and no object.
//
// When a poll finds nothing, the next thing that arrives writes one byte to `wake_fd`. The flag
// is raised before the queue is looked at, so nothing can arrive unnoticed in between.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "flott/column_builder.h"
#include "flott/kafka_client.h"
#include "flott/kafka_records.h"

namespace flott::kafka {

using PartitionId = std::uint32_t;  // small numbers, given by the caller

struct Start {
  PartitionId id;
  Partition partition;
  std::int64_t offset;
};

struct Fetched {
  Batch batch;
  std::vector<std::pair<PartitionId, std::int64_t>> parts;      // rows of each, in order
  std::vector<std::pair<PartitionId, std::int64_t>> positions;  // of those that moved
  std::vector<PartitionId> ends;
};

// Tells a thread of Python, by a byte in a pipe, that there is something to poll.
class Wake {
 public:
  explicit Wake(int fd) : fd_(fd) {}
  void arm() { is_armed_.store(true); }
  void disarm() { is_armed_.store(false); }
  void fire();
  // Nothing is written from here on.
  void close();

 private:
  std::atomic<bool> is_armed_{false};
  std::mutex mutex_;
  int fd_;
};

// One thread at a time; only `close` may come from another.
class Consumer : public Client {
 public:
  Consumer(std::shared_ptr<const Library> library, const Properties& properties, unsigned columns, int wake_fd);
  ~Consumer() override;

  // Starts at these offsets, or starts anew.
  void assign(const std::vector<Start>& starts);
  void unassign(const std::vector<PartitionId>& ids);
  void pause(const std::vector<PartitionId>& ids);
  void resume(const std::vector<PartitionId>& ids);
  // Nothing if nothing has arrived. Throws what the consumer does not get over.
  std::optional<Fetched> poll(std::size_t rows_max);
  // Sends offsets and does not wait; `take_commits` tells later how it ended.
  void commit(const std::vector<std::pair<Partition, std::int64_t>>& offsets);
  // The commits that have ended since the last call.
  std::vector<CommitOutcome> take_commits();
  std::optional<std::int64_t> end_offset(PartitionId id);
  void close(int timeout_ms);

 private:
  static constexpr std::int64_t kNowhere = -1;

  struct Slot {
    Partition partition;
    bool is_assigned = false;
    bool has_moved = false;      // since it was assigned: then librdkafka's position is of this assignment
    bool is_touched = false;     // in this poll, as are the following
    std::int64_t position = kNowhere;
    std::int64_t moved_from = kNowhere;
    std::int64_t end = kNowhere;
    std::int64_t rows = 0;
    std::size_t next = 0;        // where its next message goes when they are sorted
  };

  Slot* find(const Message& message, PartitionId& id);
  Slot& touch(PartitionId id);
  // Keeps records in room_[0, n), settles the rest; returns n.
  std::size_t sort_out(Connection& connection, std::size_t count);
  void raise_failures(Connection& connection);
  void take_error(Connection& connection, const Message& message);
  void take_failure(Connection& connection, Failure failure);
  PartitionId id_of(const std::string& topic, std::int32_t partition) const;
  void bring_together(std::size_t count);
  Fetched take_touched();
  bool look_at_positions(const Connection& connection);
  void drop_failures(const Partition& partition);
  void fill(Partitions& list, const std::vector<PartitionId>& ids) const;

  std::shared_ptr<const Library> library_;
  unsigned columns_;
  std::shared_ptr<Wake> wake_;
  Queue* queue_;
  std::vector<Slot> slots_;
  std::unordered_map<std::string, std::vector<PartitionId>> ids_;  // of a topic, by partition
  std::deque<Failure> failures_;
  std::unique_ptr<Partitions> looked_at_;
  std::vector<PartitionId> looked_at_ids_;
  std::chrono::steady_clock::time_point next_look_{};

  // Of the poll that runs.
  std::vector<Message*> room_;
  std::vector<Message*> sorted_;
  std::vector<PartitionId> owners_;  // of room_
  std::vector<PartitionId> touched_;
  RecordSizes sizes_;
  bool is_mixed_ = false;
  const Topic* last_topic_ = nullptr;
  const std::vector<PartitionId>* last_ids_ = nullptr;
};

}  // namespace flott::kafka
