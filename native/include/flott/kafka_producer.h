// Writes the rows of a frame as records, and the transactions they belong to.
//
// librdkafka copies a record into its queue and sends it from threads of its own. A frame that has
// neither times nor headers goes down many rows at a call, others row by row.
//
// Rows go down partition by partition, some thousands at a time. In the order of the frame, the
// records of a partition would be strewn over the queue's memory and be freed in another order than
// they were made; soon each is a cache miss several times over, and sending costs twice as much.
// Within a partition the order is the frame's, and that is all the order there is.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "flott/columns.h"
#include "flott/kafka_client.h"
#include "flott/kafka_group.h"

namespace flott::kafka {

// One thread at a time for `produce`; everything else from any.
class Producer : public Client {
 public:
  // `topic` is where rows go that name none; empty if there is none.
  Producer(std::shared_ptr<const Library> library, const Properties& properties, std::string topic);

  // Takes rows from the front until the queue is full or one cannot be sent; throws if that is the
  // first. If it is for a partition that does not exist, rows behind it may have been taken.
  std::int64_t produce(Frame& records);
  // Throws if a record could not be delivered.
  void check();
  std::int64_t outstanding();
  // Whether all records are acknowledged.
  bool flush(int timeout_ms);

  void init_transactions(int timeout_ms);
  void begin_transaction();
  void send_offsets(const std::string& group, const std::vector<GroupOffset>& offsets, int timeout_ms);
  void commit_transaction(int timeout_ms);
  void abort_transaction(int timeout_ms);

 private:
  struct Columns;
  struct Topics;
  struct TopicState;
  // Some rows of a frame, and in which order they go down; null for that of the frame.
  struct Chunk {
    std::int64_t first;
    std::int64_t count;
    const std::uint32_t* order;

    std::int64_t row(std::int64_t index) const { return first + (order ? order[index] : index); }
  };

  TopicState& topic_of(const Connection& connection, std::string_view name);
  // The next rows, by partition if that is possible, in which case the queue takes them all.
  Chunk next_chunk(const Connection& connection, const Columns& columns, std::int64_t first, std::int64_t rows);
  std::int64_t room_in_queue(const Connection& connection) const;
  bool find_targets(const Connection& connection, const Columns& columns, std::int64_t first, std::int64_t count);
  void sort_by_target(std::int64_t count);
  // Return how many rows were taken.
  std::int64_t produce_batches(const Connection& connection, const Columns& columns, const Chunk& chunk);
  std::int64_t produce_rows(const Connection& connection, const Columns& columns, const Chunk& chunk);
  [[noreturn]] void refuse(const Connection& connection, Failure failure, Topic* topic) const;

  std::string topic_;
  bool is_transactional_;
  bool is_murmur2_;            // partitions are chosen as by the Java client
  std::size_t size_max_;       // of a record
  std::int64_t queue_rows_max_;
  std::int64_t queue_bytes_max_;
  std::size_t largest_ = 1;    // of all values so far
  std::shared_ptr<Topics> topics_;
  std::vector<Message> room_;
  std::vector<std::uint32_t> targets_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace flott::kafka
