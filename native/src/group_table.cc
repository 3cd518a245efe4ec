#include "flott/group_table.h"

#include <algorithm>

#include "flott/column_hash.h"

namespace flott {
namespace {

constexpr std::size_t kAhead = 16;  // rows of state fetched before they are needed

}  // namespace

std::string GroupTableSpec::signature() const {
  std::string text;
  for (const ColumnType& type : key_types) (text += type.format) += ' ';
  for (const AggregateSpec& each : aggregates) {
    text += each.function;
    text += '(';
    if (each.argument >= 0) text += each.input.format;
    if (each.retracts) text += ",r";
    if (each.distinct >= 0) text += ",d";
    text += ") ";
  }
  return text;
}

GroupTable::GroupTable(GroupTableSpec spec)
    : spec_(std::move(spec)),
      index_(spec_.key_types),
      state_(spec_.aggregates, spec_.bags, spec_.input_types, spec_.ttl_seconds > 0) {
  if (spec_.merges_partials) partials_.emplace(spec_.aggregates, spec_.bags, spec_.input_types);
}

void GroupTable::begin(Frame& frame, const Column* kinds) {
  touched_.clear();
  existed_.clear();
  added_.clear();
  taken_ = 0;
  const auto rows = static_cast<std::size_t>(frame.rows());
  slots_.resize(rows);
  has_weights_ = kinds != nullptr;
  if (!has_weights_) return;
  weights_.resize(rows);
  const auto* const values = kinds->values<std::int8_t>();
  for (std::size_t i = 0; i < rows; ++i) {
    weights_[i] = values[i] == kInsert || values[i] == kUpdateAfter ? 1 : -1;
  }
}

void GroupTable::mark_dirty(Slot slot) {
  GroupHeader& header = state_.rows().header(slot);
  if (!tracks_ || header.epoch == epoch_) return;
  header.epoch = epoch_;
  dirty_.push_back(slot);
}

// The first touch of a group in a batch.
void GroupTable::touch(Slot slot, std::uint32_t now_seconds) {
  GroupHeader& header = state_.rows().header(slot);
  if (spec_.ttl_seconds) {
    if (header.rows > 0 && now_seconds >= state_.rows().seconds(slot) + spec_.ttl_seconds) {
      if (tracks_) {
        index_.write(slot, gone_);
        ++gone_count_;
      }
      state_.clear(slot);
    }
    state_.rows().seconds(slot) = now_seconds;
  }
  header.batch = batch_;
  touched_.push_back(slot);
  existed_.push_back(header.rows > 0);
  mark_dirty(slot);
}

// Finds the groups of a block and counts its rows in them; returns the rows that take part. A row that
// goes without having come, as after its group has expired, does not.
RowSet GroupTable::enter_block(Columns keys, RowSet rows, std::uint32_t now_seconds) {
  index_.upsert(keys, rows, slots_.data() + rows.first, &added_);
  state_.reserve(index_.slot_end());
  StateRows& state = state_.rows();
  const std::int64_t end = rows.first + rows.count;
  for (std::int64_t row = rows.first; row < end; ++row) state.prefetch(slots_[row]);
  const auto enter = [&](std::int64_t row) -> GroupHeader& {
    const Slot slot = slots_[row];
    if (state.header(slot).batch != batch_) touch(slot, now_seconds);
    return state.header(slot);
  };
  if (spec_.merges_partials) {
    for (std::int64_t row = rows.first; row < end; ++row) enter(row);
    return rows;
  }
  if (!has_weights_) {
    for (std::int64_t row = rows.first; row < end; ++row) ++enter(row).rows;
    return rows;
  }
  kept_rows_.clear();
  for (std::int64_t row = rows.first; row < end; ++row) {
    GroupHeader& header = enter(row);
    if (weights_[row] < 0 && header.rows <= 0) continue;
    header.rows += weights_[row];
    kept_rows_.push_back(static_cast<std::uint32_t>(row));
  }
  if (static_cast<std::int64_t>(kept_rows_.size()) == rows.count) return rows;
  return RowSet{kept_rows_.data(), 0, static_cast<std::int64_t>(kept_rows_.size())};
}

void GroupTable::take_before() {
  std::vector<Slot> slots;
  for (; taken_ < touched_.size(); ++taken_) {
    if (existed_[taken_]) slots.push_back(touched_[taken_]);
  }
  if (!slots.empty()) state_.results(slots, before_);
}

void GroupTable::read_partials(Frame& frame, RowSet rows) {
  const Column& column = frame.column(frame.width() - 1);
  partials_->reserve(static_cast<std::size_t>(rows.count));
  std::vector<Slot> into, from;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    Reader in(column.bytes(rows[i]));
    const auto slot = static_cast<Slot>(i);
    partials_->read(slot, in);
    partials_->read_bags(slot, in);
    into.push_back(slots_[rows[i]]);
    from.push_back(slot);
  }
  state_.merge(into, *partials_, from);
  for (Slot slot : from) partials_->clear(slot);
}

namespace {

std::vector<const Column*> key_columns(Frame& frame, const std::vector<int>& keys) {
  std::vector<const Column*> columns;
  for (int key : keys) columns.push_back(&frame.column(static_cast<std::size_t>(key)));
  return columns;
}

}  // namespace

void GroupTable::accumulate(Frame& frame, const Column* kinds, std::uint32_t now_seconds) {
  if (spec_.ttl_seconds) ++batch_;
  begin(frame, kinds);
  const auto keys = key_columns(frame, spec_.keys);
  for (std::int64_t first = 0; first < frame.rows(); first += kBlock) {
    const RowSet block{nullptr, first, std::min(kBlock, frame.rows() - first)};
    const RowSet rows = enter_block(keys, block, now_seconds);
    if (partials_) read_partials(frame, rows);
    else state_.update(frame, GroupRows{rows, slots_.data(), has_weights_ ? weights_.data() : nullptr});
  }
}

Batch GroupTable::process(Frame& frame, const Column* kinds, std::uint32_t now_seconds) {
  ++batch_;
  begin(frame, kinds);
  before_ = state_.new_results();
  const auto keys = key_columns(frame, spec_.keys);
  for (std::int64_t first = 0; first < frame.rows(); first += kBlock) {
    const RowSet block{nullptr, first, std::min(kBlock, frame.rows() - first)};
    const RowSet rows = enter_block(keys, block, now_seconds);
    take_before();
    if (partials_) read_partials(frame, rows);
    else state_.update(frame, GroupRows{rows, slots_.data(), has_weights_ ? weights_.data() : nullptr});
  }
  Batch out = changes();
  drop_empty_groups();
  return out;
}

Batch GroupTable::scan(
    Frame& frame, const Column* kinds, const Column& emits, std::uint32_t now_seconds
) {
  ++batch_;
  begin(frame, kinds);
  const auto keys = key_columns(frame, spec_.keys);
  const auto* const emitted = emits.values<std::uint8_t>();
  const std::int8_t* const weights = has_weights_ ? weights_.data() : nullptr;
  const std::int8_t* const given = kinds ? kinds->values<std::int8_t>() : nullptr;
  std::vector<ColumnBuilder> values = state_.new_results();
  index_.upsert(keys, RowSet{nullptr, 0, frame.rows()}, slots_.data(), &added_);
  state_.reserve(index_.slot_end());
  for (std::int64_t row = 0; row < frame.rows(); ++row) {
    const Slot slot = slots_[row];
    if (state_.rows().header(slot).batch != batch_) touch(slot, now_seconds);
    if (!given || given[row] != kNoChange) {
      state_.rows().header(slot).rows += weights ? weights[row] : 1;
      state_.update(frame, GroupRows{RowSet{nullptr, row, 1}, slots_.data(), weights});
    }
    if (emitted[row]) state_.results({&slot, 1}, values);
  }
  Batch out;
  for (ColumnBuilder& column : values) out.add(std::move(column));
  return out;
}

// What to send for each touched group. With expiry an unchanged result is sent, too, so that those
// downstream do not expire.
Batch GroupTable::changes() {
  const StateRows& state = state_.rows();
  std::vector<Slot> alive;
  alive.reserve(touched_.size());
  std::vector<std::uint8_t> lives(touched_.size());
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    if (i + kAhead < touched_.size()) __builtin_prefetch(state.at(touched_[i + kAhead]));
    lives[i] = state.header(touched_[i]).rows > 0;
    if (lives[i]) alive.push_back(touched_[i]);
  }
  std::vector<ColumnBuilder> after = state_.new_results();
  state_.results(alive, after);
  std::vector<Slot> keys;
  std::vector<std::uint32_t> picks;
  std::vector<std::int8_t> kinds;
  keys.reserve(2 * touched_.size());
  picks.reserve(2 * touched_.size());
  kinds.reserve(2 * touched_.size());
  const auto send = [&](Slot slot, std::uint32_t pick, RowKind kind) {
    keys.push_back(slot);
    picks.push_back(pick);
    kinds.push_back(kind);
  };
  std::uint32_t before_row = 0;
  std::uint32_t after_row = 0;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const Slot slot = touched_[i];
    const bool is_alive = lives[i];
    const std::uint32_t old = before_row;
    const std::uint32_t now = after_row;
    before_row += existed_[i];
    after_row += is_alive;
    if (!existed_[i]) {
      if (is_alive) send(slot, now << 1 | 1, kInsert);
      continue;
    }
    if (!is_alive) {
      send(slot, old << 1, kDelete);
      continue;
    }
    bool is_same = spec_.ttl_seconds == 0;
    for (std::size_t c = 0; c < after.size() && is_same; ++c) is_same = before_[c].equal(old, after[c], now);
    if (is_same) continue;
    if (spec_.emits_update_before) send(slot, old << 1, kUpdateBefore);
    send(slot, now << 1 | 1, kUpdateAfter);
  }
  Batch out;
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : spec_.key_types) columns.emplace_back(type);
  index_.keys(keys, columns);
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  const bool is_all_after = picks.size() == alive.size() &&
                            std::all_of(picks.begin(), picks.end(), [](std::uint32_t pick) { return pick & 1; });
  for (std::size_t c = 0; c < after.size(); ++c) {
    if (is_all_after) {
      out.add(std::move(after[c]));
    } else {
      ColumnBuilder column(after[c].type());
      column.gather(before_[c], after[c], picks);
      out.add(std::move(column));
    }
  }
  ColumnBuilder kind(ColumnType{"c", "kind", {}});
  if (!kinds.empty()) std::memcpy(kind.extend<std::int8_t>(static_cast<std::int64_t>(kinds.size())), kinds.data(), kinds.size());
  out.add(std::move(kind));
  return out;
}

void GroupTable::drop_empty_groups() {
  if (!has_weights_ && !partials_) return;
  for (Slot slot : touched_) {
    if (state_.rows().header(slot).rows <= 0) erase(slot);
  }
}

void GroupTable::erase(Slot slot) {
  if (tracks_) {
    index_.write(slot, gone_);
    ++gone_count_;
  }
  state_.clear(slot);
  index_.erase(slot);
}

void GroupTable::clear() {
  for (Slot slot : used_slots()) state_.clear(slot);
  index_.clear();
}

std::size_t GroupTable::expire(std::uint32_t now_seconds) {
  std::size_t count = 0;
  if (spec_.ttl_seconds == 0) return 0;
  for (Slot slot = 0; slot < index_.slot_end(); ++slot) {
    if (!index_.is_used(slot) || now_seconds < state_.rows().seconds(slot) + spec_.ttl_seconds) continue;
    erase(slot);
    ++count;
  }
  return count;
}

std::vector<Slot> GroupTable::used_slots() const {
  std::vector<Slot> slots;
  slots.reserve(index_.size());
  for (Slot slot = 0; slot < index_.slot_end(); ++slot) {
    if (index_.is_used(slot)) slots.push_back(slot);
  }
  return slots;
}

Batch GroupTable::results(std::span<const Slot> slots) const {
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : spec_.key_types) columns.emplace_back(type);
  index_.keys(slots, columns);
  std::vector<ColumnBuilder> values = state_.new_results();
  state_.results(slots, values);
  Batch out;
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  for (ColumnBuilder& column : values) out.add(std::move(column));
  return out;
}

Batch GroupTable::results(Slot* next, std::size_t most) const {
  std::vector<Slot> slots;
  for (; *next < index_.slot_end() && slots.size() < most; ++*next) {
    if (index_.is_used(*next) && state_.rows().header(*next).rows > 0) slots.push_back(*next);
  }
  return results(slots);
}

Batch GroupTable::empty_result() {
  AggregateState nothing(spec_.aggregates, spec_.bags, spec_.input_types);
  nothing.reserve(1);
  std::vector<ColumnBuilder> values = nothing.new_results();
  const Slot slot = 0;
  nothing.results({&slot, 1}, values);
  Batch out;
  for (ColumnBuilder& column : values) out.add(std::move(column));
  return out;
}

Batch GroupTable::take_partials() {
  const std::vector<Slot> slots = used_slots();
  std::vector<ColumnBuilder> columns;
  for (const ColumnType& type : spec_.key_types) columns.emplace_back(type);
  index_.keys(slots, columns);
  ColumnBuilder partials(ColumnType{"vz", "partials", {}});
  Writer bytes;
  for (Slot slot : slots) {
    bytes.bytes().clear();
    state_.write(slot, bytes);
    state_.write_bags(slot, bytes);
    partials.push_bytes(bytes.bytes());
  }
  clear();
  Batch out;
  for (ColumnBuilder& column : columns) out.add(std::move(column));
  out.add(std::move(partials));
  return out;
}

void GroupTable::find_groups(Columns keys, std::int64_t rows, std::vector<Slot>& out) {
  out.resize(static_cast<std::size_t>(rows));
  index_.upsert(keys, RowSet{nullptr, 0, rows}, out.data());
  state_.reserve(index_.slot_end());
}

void GroupTable::merge(std::span<const Slot> slots, AggregateState& from, std::span<const Slot> from_slots) {
  for (Slot slot : slots) mark_dirty(slot);
  state_.merge(slots, from, from_slots);
}

std::size_t GroupTable::memory_bytes() const { return index_.memory_bytes() + state_.memory_bytes() + slots_.bytes(); }

}  // namespace flott
