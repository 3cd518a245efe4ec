// Watermarks of a batch that holds rows of several splits: how far each split gets, and where the
// watermark of all of them must come between rows.
//
// The watermark of a split is the highest mark of its rows; that of all is the lowest of the splits'.
// A row is late if the latter has reached its time before it came, and only before such rows does it
// matter that the watermark has been sent.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "flott/columns.h"

namespace flott {

inline constexpr std::int64_t kNoWatermark = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kNoOther = std::numeric_limits<std::int64_t>::max();

struct SplitRows {
  std::int64_t rows;
  std::int64_t reached;  // before the batch, ms
};

// When a watermark may be sent.
struct Sending {
  std::int64_t sent;   // the last one, ms
  std::int64_t rise;   // the next exceeds it by more than this, ms
  std::int64_t gap;    // and comes so many rows after it at least
  std::int64_t since;  // rows since the last one
};

struct Cut {
  std::int64_t row;
  std::int64_t watermark;
};

struct MarkedBatch {
  std::vector<std::int64_t> reached;  // by each split, ms
  std::vector<Cut> cuts;
  std::int64_t null_time = -1;  // the first row without a time
};

// `times` and `marks` are in microseconds; without `marks` those are `times` less `delay_us`.
// `others` is the lowest watermark of the splits that have no row here.
MarkedBatch mark_splits(const Column& times, const Column* marks, std::int64_t delay_us,
                        const std::vector<SplitRows>& splits, std::int64_t others, Sending sending);

}  // namespace flott
