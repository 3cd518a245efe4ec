// Session windows: per key, intervals that rows closer than the gap grow together, with accumulators.
//
// A row opens the interval [time, time + gap); intervals of a key that overlap or touch are one
// session. Rows are taken in the order in which they come. Ends are kept in a heap with one
// entry for each session, put back when it turns out that the session has grown.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "flott/group_table.h"

namespace flott {

class SessionTable {
 public:
  // The first key of `spec` is the time in milliseconds; what is kept is by the other keys.
  SessionTable(GroupTableSpec spec, std::int64_t gap_ms);

  // Adds rows; returns how many came too late: their own interval ends at or before the watermark + 1
  // and no open session takes them.
  std::int64_t accumulate(Frame& frame, const Column* kinds, std::int64_t watermark_ms);
  // The sessions that end at `until_ms` or before, by end: keys, results, start and end in ms. They
  // are forgotten.
  Batch close(std::int64_t until_ms);
  // The earliest end; `nothing` without sessions.
  std::int64_t next_end(std::int64_t nothing);

  std::optional<std::string> snapshot(bool full, bool detached);
  void restore(std::string_view payload, std::uint32_t first_group, std::uint32_t last_group);
  std::size_t size() const { return open_; }
  std::size_t memory_bytes() const;

 private:
  struct Session {
    std::int64_t start;
    std::int64_t end;
    std::uint64_t id;   // tells sessions of a key apart in snapshots
    Slot key;           // kNoSlot: not in use
    std::uint32_t epoch;
  };
  struct End {
    std::int64_t end;
    Slot session;
    std::uint64_t id;
    bool operator<(const End& other) const {  // the earliest is at the top
      return end != other.end ? end > other.end : session > other.session;
    }
  };

  Slot open_session(Slot key, std::int64_t start, std::int64_t end);
  // The session that takes a row, or kNoSlot if it is late.
  Slot place(Slot key, std::int64_t time, std::int64_t watermark_ms);
  void absorb(Slot into, Slot from);
  void remove(Slot session);
  void mark_dirty(Slot session);
  Slot root(Slot session);
  std::string write_snapshot(bool full);
  void write_session(Slot session, Writer& out);
  Slot find_session(Slot key, std::uint64_t id) const;

  GroupTableSpec spec_;
  std::int64_t gap_ms_;
  KeyIndex keys_;
  AggregateState state_;                       // by session
  std::vector<Session> sessions_;
  std::vector<Slot> free_;
  std::vector<std::vector<Slot>> of_key_;      // open sessions of each key
  std::priority_queue<End> ends_;
  std::size_t open_ = 0;
  std::uint64_t next_id_ = 1;

  // The batch at hand.
  PodArray<Slot> key_slots_;
  PodArray<Slot> slots_;
  PodArray<std::int8_t> weights_;
  std::vector<std::uint32_t> kept_;
  std::vector<Slot> absorbed_by_;              // for sessions absorbed in this batch
  std::vector<Slot> absorbed_;

  bool tracks_ = false;
  std::uint32_t epoch_ = 1;
  std::vector<Slot> dirty_;
  Writer gone_;
  std::uint64_t gone_count_ = 0;
};

}  // namespace flott
