#include "flott/split_marks.h"

#include <algorithm>

namespace flott {
namespace {

// Rounds down, so that times before 1970 are no later than they are.
std::int64_t to_millis(std::int64_t micros) {
  const std::int64_t millis = micros / 1000;
  return millis * 1000 > micros ? millis - 1 : millis;
}

// Whether `watermark` exceeds `sent` by more than `rise`; `sent` may be the lowest number there is.
bool rises(std::int64_t watermark, std::int64_t sent, std::int64_t rise) {
  if (watermark <= sent) return false;
  return static_cast<std::uint64_t>(watermark) - static_cast<std::uint64_t>(sent) >
         static_cast<std::uint64_t>(rise);
}

// The first microsecond behind what `watermark` covers.
std::int64_t end_of(std::int64_t watermark) {
  constexpr std::int64_t kLimit = std::numeric_limits<std::int64_t>::max() / 1000 - 1;
  if (watermark > kLimit) return std::numeric_limits<std::int64_t>::max();
  if (watermark < -kLimit) return std::numeric_limits<std::int64_t>::min();
  return (watermark + 1) * 1000;
}

// For each split the lowest watermark of those behind it.
std::vector<std::int64_t> lowest_behind(const std::vector<SplitRows>& splits) {
  std::vector<std::int64_t> found(splits.size(), kNoOther);
  for (std::size_t i = splits.size(); i-- > 1;) found[i - 1] = std::min(found[i], splits[i].reached);
  return found;
}

}  // namespace

MarkedBatch mark_splits(const Column& times, const Column* marks, std::int64_t delay_us,
                        const std::vector<SplitRows>& splits, std::int64_t others, Sending sending) {
  MarkedBatch result;
  const auto* const time = times.values<std::int64_t>();
  const auto* const mark = marks ? marks->values<std::int64_t>() : nullptr;
  const auto behind = lowest_behind(splits);
  std::int64_t row = 0;
  std::int64_t sent_row = -sending.since;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const std::int64_t limit = std::min(others, behind[i]);
    std::int64_t reached = splits[i].reached;
    // Rows that come in order are looked at for these two alone.
    std::int64_t late_end = end_of(std::min(reached, limit)), reached_end = end_of(reached);
    const auto raise = [&](std::int64_t micros) {
      reached = std::max(reached, to_millis(micros));
      reached_end = end_of(reached);
      late_end = end_of(std::min(reached, limit));
    };
    for (const std::int64_t end = row + splits[i].rows; row < end; ++row) {
      if (!times.is_valid(row)) {
        if (result.null_time < 0) result.null_time = row;
      } else {
        if (time[row] < late_end) {
          const std::int64_t all = std::min(reached, limit);
          if (rises(all, sending.sent, sending.rise) && row - sent_row >= sending.gap) {
            result.cuts.push_back({row, all});
            sending.sent = all;
            sent_row = row;
          }
        }
        if (!mark && time[row] - delay_us >= reached_end) raise(time[row] - delay_us);
      }
      if (mark && marks->is_valid(row) && mark[row] >= reached_end) raise(mark[row]);
    }
    result.reached.push_back(reached);
    others = std::min(others, reached);
  }
  return result;
}

}  // namespace flott
