#include "flott/session_table.h"

#include <algorithm>

#include "flott/column_hash.h"
#include "flott/value_bag.h"

namespace flott {
namespace {

constexpr std::uint32_t kVersion = 1;

std::vector<ColumnType> without_first(std::vector<ColumnType> types) {
  types.erase(types.begin());
  return types;
}

}  // namespace

SessionTable::SessionTable(GroupTableSpec spec, std::int64_t gap_ms)
    : spec_(std::move(spec)),
      gap_ms_(gap_ms),
      keys_(without_first(spec_.key_types)),
      state_(spec_.aggregates, spec_.bags, spec_.input_types) {}

Slot SessionTable::open_session(Slot key, std::int64_t start, std::int64_t end) {
  Slot session;
  if (free_.empty()) {
    session = static_cast<Slot>(sessions_.size());
    sessions_.emplace_back();
    absorbed_by_.push_back(kNoSlot);
    state_.reserve(sessions_.size());
  } else {
    session = free_.back();
    free_.pop_back();
  }
  sessions_[session] = Session{start, end, next_id_++, key, 0};
  if (of_key_.size() <= key) of_key_.resize(keys_.slot_end());
  of_key_[key].push_back(session);
  ends_.push({end, session, sessions_[session].id});
  ++open_;
  return session;
}

void SessionTable::mark_dirty(Slot session) {
  Session& held = sessions_[session];
  if (!tracks_ || held.epoch == epoch_) return;
  held.epoch = epoch_;
  dirty_.push_back(session);
}

void SessionTable::remove(Slot session) {
  Session& held = sessions_[session];
  if (tracks_) {
    keys_.write(held.key, gone_);
    gone_.put(held.id);
    ++gone_count_;
  }
  std::vector<Slot>& open = of_key_[held.key];
  open.erase(std::find(open.begin(), open.end(), session));
  if (open.empty()) {
    keys_.erase(held.key);
    std::vector<Slot>().swap(open);
  }
  held.key = kNoSlot;
  state_.clear(session);
  free_.push_back(session);
  --open_;
}

void SessionTable::absorb(Slot into, Slot from) {
  Session& target = sessions_[into];
  const Session& other = sessions_[from];
  target.start = std::min(target.start, other.start);
  target.end = std::max(target.end, other.end);
  state_.merge({&into, 1}, state_, {&from, 1});
  absorbed_by_[from] = into;
  absorbed_.push_back(from);
}

Slot SessionTable::place(Slot key, std::int64_t time, std::int64_t watermark_ms) {
  const std::int64_t end = time + gap_ms_;
  Slot found = kNoSlot;
  if (key < of_key_.size()) {
    for (Slot session : of_key_[key]) {
      if (absorbed_by_[session] != kNoSlot) continue;
      Session& held = sessions_[session];
      if (held.start > end || held.end < time) continue;
      if (found == kNoSlot) {
        found = session;
        continue;
      }
      absorb(found, session);
    }
  }
  if (found == kNoSlot) {
    if (end - 1 <= watermark_ms) return kNoSlot;
    found = open_session(key, time, end);
  }
  Session& held = sessions_[found];
  held.start = std::min(held.start, time);
  held.end = std::max(held.end, end);
  mark_dirty(found);
  return found;
}

Slot SessionTable::root(Slot session) {
  while (absorbed_by_[session] != kNoSlot) session = absorbed_by_[session];
  return session;
}

std::int64_t SessionTable::accumulate(Frame& frame, const Column* kinds, std::int64_t watermark_ms) {
  const auto rows = static_cast<std::size_t>(frame.rows());
  key_slots_.resize(rows);
  slots_.resize(rows);
  kept_.clear();
  absorbed_.clear();
  if (kinds) {
    weights_.resize(rows);
    const auto* const values = kinds->values<std::int8_t>();
    for (std::size_t i = 0; i < rows; ++i) weights_[i] = values[i] == kInsert || values[i] == kUpdateAfter ? 1 : -1;
  }
  std::vector<const Column*> keys;
  for (std::size_t i = 1; i < spec_.keys.size(); ++i) {
    keys.push_back(&frame.column(static_cast<std::size_t>(spec_.keys[i])));
  }
  std::vector<Slot> added;
  keys_.upsert(keys, RowSet{nullptr, 0, frame.rows()}, key_slots_.data(), &added);
  if (of_key_.size() < keys_.slot_end()) of_key_.resize(keys_.slot_end());
  const auto* const times = frame.column(static_cast<std::size_t>(spec_.keys[0])).values<std::int64_t>();
  for (std::size_t row = 0; row < rows; ++row) {
    slots_[row] = place(key_slots_[row], times[row], watermark_ms);
    if (slots_[row] != kNoSlot) kept_.push_back(static_cast<std::uint32_t>(row));
  }
  for (std::uint32_t row : kept_) slots_[row] = root(slots_[row]);
  // A session that was absorbed may hold the slots of no row any more, and goes.
  for (Slot session : absorbed_) remove(session);
  for (Slot session : absorbed_) absorbed_by_[session] = kNoSlot;
  for (Slot key : added) {
    if (keys_.is_used(key) && of_key_[key].empty()) keys_.erase(key);  // all its rows were late
  }
  const std::int8_t* const weights = kinds ? weights_.data() : nullptr;
  for (std::uint32_t row : kept_) state_.rows().header(slots_[row]).rows += weights ? weights[row] : 1;
  state_.update(frame, GroupRows{RowSet{kept_.data(), 0, static_cast<std::int64_t>(kept_.size())}, slots_.data(), weights});
  return static_cast<std::int64_t>(rows - kept_.size());
}

std::int64_t SessionTable::next_end(std::int64_t nothing) {
  while (!ends_.empty()) {
    const End top = ends_.top();
    const Session& held = sessions_[top.session];
    const bool is_there = held.key != kNoSlot && held.id == top.id;
    if (is_there && held.end == top.end) return top.end;
    ends_.pop();
    if (is_there) ends_.push({held.end, top.session, top.id});  // it has grown
  }
  return nothing;
}

Batch SessionTable::close(std::int64_t until_ms) {
  std::vector<Slot> closed, shown, keys;
  while (next_end(INT64_MAX) <= until_ms && !ends_.empty()) {
    const Slot session = ends_.top().session;
    ends_.pop();
    if (!closed.empty() && closed.back() == session) continue;  // listed twice
    closed.push_back(session);
    if (state_.rows().header(session).rows <= 0) continue;
    shown.push_back(session);
    keys.push_back(sessions_[session].key);
  }
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : keys_.types()) columns.emplace_back(type);
  keys_.keys(keys, columns);
  std::vector<ColumnBuilder> values = state_.new_results();
  state_.results(shown, values);
  ColumnBuilder starts(ColumnType{"l", "start", {}});
  ColumnBuilder ends(ColumnType{"l", "end", {}});
  for (Slot session : shown) {
    starts.push(sessions_[session].start);
    ends.push(sessions_[session].end);
  }
  for (Slot session : closed) {
    if (sessions_[session].key != kNoSlot) remove(session);
  }
  Batch out;
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  for (ColumnBuilder& column : values) out.add(std::move(column));
  out.add(std::move(starts));
  out.add(std::move(ends));
  return out;
}

std::optional<std::string> SessionTable::snapshot(bool full, bool detached) {
  const bool is_whole = full || detached || !tracks_;
  if (!is_whole && dirty_.empty() && gone_count_ == 0) return std::nullopt;
  std::string bytes = write_snapshot(is_whole);
  if (detached) return bytes;
  dirty_.clear();
  gone_.bytes().clear();
  gone_count_ = 0;
  tracks_ = true;
  ++epoch_;
  return bytes;
}

void SessionTable::write_session(Slot session, Writer& out) {
  const Session& held = sessions_[session];
  Writer one;
  keys_.write(held.key, one);
  one.put(held.id);
  one.put(held.start);
  one.put(held.end);
  state_.write(session, one);
  state_.write_bags(session, one);
  out.put_bytes(one.bytes());
}

std::string SessionTable::write_snapshot(bool full) {
  Writer out;
  out.put(kVersion);
  out.put_bytes(spec_.signature());
  out.put(full ? std::uint64_t{0} : gone_count_);
  if (!full) out.raw(gone_.bytes().data(), gone_.bytes().size());
  std::vector<Slot> listed;
  if (full) {
    for (Slot session = 0; session < sessions_.size(); ++session) {
      if (sessions_[session].key != kNoSlot) listed.push_back(session);
    }
  } else {
    for (Slot session : dirty_) {
      Session& held = sessions_[session];
      if (held.key == kNoSlot || held.epoch != epoch_) continue;
      held.epoch = 0;
      listed.push_back(session);
    }
  }
  out.put(static_cast<std::uint64_t>(listed.size()));
  for (Slot session : listed) write_session(session, out);
  return std::move(out.bytes());
}

Slot SessionTable::find_session(Slot key, std::uint64_t id) const {
  if (key == kNoSlot || key >= of_key_.size()) return kNoSlot;
  for (Slot session : of_key_[key]) {
    if (sessions_[session].id == id) return session;
  }
  return kNoSlot;
}

void SessionTable::restore(std::string_view payload, std::uint32_t first_group, std::uint32_t last_group) {
  tracks_ = false;
  Reader in(payload);
  if (in.take<std::uint32_t>() != kVersion) throw std::runtime_error("state of session windows has an unknown version");
  if (in.take_bytes() != spec_.signature()) {
    throw std::runtime_error("the state was written by session windows of other keys or functions");
  }
  const auto gone = in.take<std::uint64_t>();
  for (std::uint64_t i = 0; i < gone; ++i) {
    const Slot key = keys_.read(in, false);
    const Slot session = find_session(key, in.take<std::uint64_t>());
    if (session != kNoSlot) remove(session);
  }
  const auto count = in.take<std::uint64_t>();
  for (std::uint64_t i = 0; i < count; ++i) {
    Reader one(in.take_bytes());
    const std::uint32_t group = key_group_of(keys_.hash_written(one), spec_.max_parallelism);
    if (group < first_group || group > last_group) continue;
    const Slot key = keys_.read(one, true);
    const auto id = one.take<std::uint64_t>();
    const auto start = one.take<std::int64_t>();
    const auto end = one.take<std::int64_t>();
    Slot session = find_session(key, id);
    if (session != kNoSlot) state_.clear(session);
    else session = open_session(key, start, end);
    Session& held = sessions_[session];
    held.start = start;
    held.end = end;
    held.id = id;
    ends_.push({end, session, id});
    next_id_ = std::max(next_id_, id + 1);
    state_.read(session, one);
    state_.read_bags(session, one);
  }
  tracks_ = true;
  dirty_.clear();
  gone_.bytes().clear();
  gone_count_ = 0;
  ++epoch_;
}

std::size_t SessionTable::memory_bytes() const {
  return keys_.memory_bytes() + state_.memory_bytes() + sessions_.capacity() * sizeof(Session) +
         of_key_.capacity() * sizeof(of_key_[0]) + open_ * 16;
}

}  // namespace flott
