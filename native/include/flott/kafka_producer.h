// Writes the rows of a frame as records, and the transactions they belong to.
//
// librdkafka copies a record into its queue and sends it from threads of its own. A frame that has
// neither times nor headers goes down many rows at a call, others row by row.
#pragma once

#include <string>
#include <unordered_map>
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
  struct Row;

  // Handles of topics, freed with the connection.
  struct Topics {
    std::unordered_map<std::string, Topic*> handles;
  };

  Topic* topic_of(const Connection& connection, std::string_view name);
  std::int64_t produce_batches(const Connection& connection, const Columns& columns, std::int64_t rows);
  std::int64_t produce_rows(const Connection& connection, const Columns& columns, std::int64_t rows);
  [[noreturn]] void refuse(const Connection& connection, Failure failure, Topic* topic) const;

  std::string topic_;
  bool is_transactional_;
  std::size_t size_max_;  // of a record
  std::shared_ptr<Topics> topics_;
  std::vector<Message> room_;
};

}  // namespace flott::kafka
