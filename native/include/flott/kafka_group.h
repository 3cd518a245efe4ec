// Asks what a consumer group has committed, without being in it.
#pragma once

#include <string>
#include <vector>

#include "flott/kafka_client.h"

namespace flott::kafka {

struct GroupOffset {
  Partition partition;
  std::int64_t offset;   // negative if there is none
  std::string metadata;  // any bytes
};

class GroupReader : public Client {
 public:
  // `properties` name the group; isolation.level says whether to wait for open transactions.
  GroupReader(std::shared_ptr<const Library> library, const Properties& properties)
      : Client(std::move(library), kConsumer, properties) {}

  // Throws the error of the first partition that has one.
  std::vector<GroupOffset> committed(const std::vector<Partition>& partitions, int timeout_ms);
};

}  // namespace flott::kafka
