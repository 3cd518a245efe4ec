#include "flott/kafka_group.h"

namespace flott::kafka {

std::vector<GroupOffset> GroupReader::committed(const std::vector<Partition>& partitions, int timeout_ms) {
  const auto connection = use();
  const Library& library = connection->library();
  Partitions list(library, partitions.size());
  for (const Partition& partition : partitions) list.add(partition.topic, partition.partition);
  const int error = library.committed(connection->handle(), list.get(), timeout_ms);
  connection->serve();
  if (error) throw connection->describe(error);
  std::vector<GroupOffset> offsets;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const PartitionEntry& entry = list[i];
    if (entry.error) {
      Failure failure = connection->describe(entry.error);
      failure.topic = entry.topic;
      failure.partition = entry.partition;
      throw failure;
    }
    std::string metadata;
    if (entry.metadata) metadata.assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
    offsets.push_back({{entry.topic, entry.partition}, entry.offset, std::move(metadata)});
  }
  return offsets;
}

}  // namespace flott::kafka
