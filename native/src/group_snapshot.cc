// Snapshots of a GroupTable:
//
//   version, signature of keys and aggregates
//   keys that have gone since the last snapshot
//   groups: length of what follows, key, state
//   for each set of distinct values, its entries: number of the group in this snapshot, value, counts
#include <stdexcept>
#include <unordered_map>

#include "flott/column_hash.h"
#include "flott/group_table.h"
#include "flott/value_bag.h"

namespace flott {
namespace {

constexpr std::uint32_t kVersion = 1;

}  // namespace

std::optional<std::string> GroupTable::snapshot(bool full, bool detached) {
  if (!full && !detached && tracks_) {
    if (dirty_.empty() && gone_count_ == 0) return std::nullopt;
    std::string bytes = write_snapshot(false);
    start_epoch();
    return bytes;
  }
  std::string bytes = write_snapshot(true);
  if (!detached) start_epoch();
  return bytes;
}

// What follows is told as changes to what there is.
void GroupTable::start_epoch() {
  for (const auto& bag : state_.bags()) bag->start_tracking();
  dirty_.clear();
  gone_.bytes().clear();
  gone_count_ = 0;
  tracks_ = true;
  ++epoch_;
  ++batch_;
}

std::string GroupTable::write_snapshot(bool full) {
  Writer out;
  out.put(kVersion);
  out.put_bytes(spec_.signature());
  out.put(full ? std::uint64_t{0} : gone_count_);
  if (!full) out.raw(gone_.bytes().data(), gone_.bytes().size());
  std::vector<Slot> slots;
  if (full) {
    slots = used_slots();
  } else {
    for (Slot slot : dirty_) {
      GroupHeader& header = state_.rows().header(slot);
      if (slot >= index_.slot_end() || !index_.is_used(slot) || header.epoch != epoch_) continue;
      header.epoch = 0;  // a slot that was freed and given again may be listed twice
      slots.push_back(slot);
    }
  }
  write_groups(slots, out);
  write_bags(slots, full, out);
  return std::move(out.bytes());
}

void GroupTable::write_groups(std::span<const Slot> slots, Writer& out) {
  out.put(static_cast<std::uint64_t>(slots.size()));
  Writer group;
  for (Slot slot : slots) {
    group.bytes().clear();
    index_.write(slot, group);
    state_.write(slot, group);
    out.put_bytes(group.bytes());
  }
}

void GroupTable::write_bags(std::span<const Slot> slots, bool full, Writer& out) {
  if (state_.bags().empty()) return;
  PodArray<std::uint32_t> numbers;
  numbers.resize(index_.slot_end(), kNoSlot);
  for (std::size_t i = 0; i < slots.size(); ++i) numbers[slots[i]] = static_cast<std::uint32_t>(i);
  for (const auto& bag : state_.bags()) {
    Writer entries;
    std::uint64_t count = 0;
    const auto write = [&](Entry entry, Slot owner) {
      if (numbers[owner] == kNoSlot) return;
      entries.put(numbers[owner]);
      bag->write_entry(entry, entries);
      ++count;
    };
    if (full) {
      for (Slot slot : slots) bag->each_entry(slot, [&](Entry entry) { write(entry, slot); });
    } else {
      bag->each_changed(write);
    }
    out.put(count);
    out.raw(entries.bytes().data(), entries.bytes().size());
  }
}

void GroupTable::restore(std::string_view payload, std::uint32_t first_group, std::uint32_t last_group) {
  Reader in(payload);
  if (in.take<std::uint32_t>() != kVersion) throw std::runtime_error("state of an aggregation has an unknown version");
  const std::string_view signature = in.take_bytes();
  if (signature != spec_.signature()) {
    throw std::runtime_error("the state was written by an aggregation of other keys or functions: it has " +
                             std::string(signature) + "and is read by " + spec_.signature());
  }
  const auto gone = in.take<std::uint64_t>();
  for (std::uint64_t i = 0; i < gone; ++i) {
    const Slot slot = index_.read(in, false);
    if (slot != kNoSlot) erase(slot);
  }
  const auto groups = in.take<std::uint64_t>();
  std::vector<Slot> slots;
  slots.reserve(groups);
  for (std::uint64_t i = 0; i < groups; ++i) {
    Reader group(in.take_bytes());
    const std::uint32_t key_group = key_group_of(index_.hash_written(group, spec_.group_columns), spec_.max_parallelism);
    if (key_group < first_group || key_group > last_group) {
      slots.push_back(kNoSlot);
      continue;
    }
    const Slot slot = index_.read(group, true);
    state_.reserve(index_.slot_end());
    state_.read(slot, group);
    slots.push_back(slot);
  }
  for (const auto& bag : state_.bags()) {
    const auto entries = in.take<std::uint64_t>();
    for (std::uint64_t i = 0; i < entries; ++i) {
      const Slot slot = slots.at(in.take<std::uint32_t>());
      slot == kNoSlot ? bag->skip_entry(in) : bag->read_entry(slot, in);
    }
  }
  start_epoch();
}

}  // namespace flott
