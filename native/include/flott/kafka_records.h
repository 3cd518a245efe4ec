// Records as columns: messages of librdkafka to Arrow, and back for headers.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/kafka_library.h"

namespace flott::kafka {

// The columns of a frame of records, in their order.
enum RecordColumn : unsigned {
  kTopicColumn = 1 << 0,
  kPartitionColumn = 1 << 1,
  kOffsetColumn = 1 << 2,
  kTimestampColumn = 1 << 3,
  kTimestampTypeColumn = 1 << 4,
  kLeaderEpochColumn = 1 << 5,
  kKeyColumn = 1 << 6,
  kValueColumn = 1 << 7,
  kHeadersColumn = 1 << 8,
};

// Bytes of all keys and values, so that their columns grow once.
struct RecordSizes {
  std::size_t keys = 0;
  std::size_t values = 0;
};

// Copies the wanted columns of the messages and frees each as soon as it is copied; what is freed is
// a null pointer then.
Batch take_records(const Library& library, std::vector<Message*>& messages, std::size_t count, unsigned columns,
                   const RecordSizes& sizes);

// The headers of a row of a column of lists of (key, value); null if there are none. The caller owns it.
Headers* headers_from(const Library& library, std::string_view encoded);

}  // namespace flott::kafka
