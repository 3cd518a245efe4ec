// Layout of state rows, and the way of a block of rows through filters and distinct sets to the
// accumulators.
#include "flott/aggregate_state.h"

#include <algorithm>

#include "flott/value_bag.h"

namespace flott {
namespace {

std::unique_ptr<Accumulator> make_accumulator(const AggregateSpec& spec) {
  std::unique_ptr<Accumulator> made = make_numeric_accumulator(spec);
  if (!made) made = make_value_accumulator(spec);
  if (!made) made = make_list_accumulator(spec);
  made->spec = spec;
  return made;
}

std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

const Column& no_column() {
  static const Column column;
  return column;
}

}  // namespace

AggregateState::AggregateState(std::vector<AggregateSpec> specs, std::vector<BagSpec> bags,
                               const std::vector<ColumnType>& input, bool expires)
    : bag_specs_(std::move(bags)), expires_(expires) {
  std::size_t offset = sizeof(GroupHeader) + (expires ? sizeof(std::uint32_t) : 0);
  std::size_t unit = 8;
  for (const AggregateSpec& spec : specs) {
    auto made = make_accumulator(spec);
    const bool is_wide = spec.argument >= 0 && spec.input.storage() == Storage::kInt128;
    if (is_wide) unit = 16;
    offset = round_up(offset, is_wide ? 16 : 8);
    made->offset = offset;
    offset += made->fixed_bytes();
    owns_memory_ |= made->owns_memory();
    if (spec.distinct >= 0) {
      const auto bag = static_cast<std::size_t>(spec.distinct);
      const auto& filters = bag_specs_.at(bag).filters;
      const auto filter = std::find(filters.begin(), filters.end(), spec.filter) - filters.begin();
      distincts_.push_back({accumulators_.size(), bag, static_cast<std::size_t>(filter)});
    }
    accumulators_.push_back(std::move(made));
  }
  rows_.set_stride(round_up(offset, unit));
  for (const BagSpec& bag : bag_specs_) {
    std::vector<ColumnType> types;
    for (int column : bag.columns) types.push_back(input.at(static_cast<std::size_t>(column)));
    bags_.push_back(std::make_unique<ValueBag>(std::move(types), bag.filters.size(), bag.retracts));
  }
}

AggregateState::~AggregateState() {
  if (!owns_memory_) return;
  for (std::size_t slot = 0; slot < rows_.count(); ++slot) {
    for (const auto& each : accumulators_) each->clear(rows_, static_cast<Slot>(slot));
  }
}

void AggregateState::reserve(std::size_t slots) {
  rows_.reserve(slots);
  for (const auto& bag : bags_) bag->reserve(slots);
}

void AggregateState::clear(Slot slot) {
  if (owns_memory_) {
    for (const auto& each : accumulators_) each->clear(rows_, slot);
  }
  for (const auto& bag : bags_) bag->clear(slot);
  std::memset(rows_.at(slot), 0, rows_.stride());
}

RowSet AggregateState::passing(Frame& frame, int filter, RowSet rows, std::vector<std::uint32_t>& out) {
  if (filter < 0) return rows;
  const Column& column = frame.column(static_cast<std::size_t>(filter));
  const auto* const values = column.values<std::uint8_t>();
  out.resize(static_cast<std::size_t>(rows.count));
  std::size_t count = 0;
  each_row(rows, [&](std::int64_t row) {
    out[count] = static_cast<std::uint32_t>(row);
    count += values[row] && column.is_valid(row);
  });
  return RowSet{out.data(), 0, static_cast<std::int64_t>(count)};
}

void AggregateState::update(Frame& frame, const GroupRows& group) {
  update_filtered(frame, group);
  if (!bags_.empty()) update_distinct(frame, group);
}

void AggregateState::update_filtered(Frame& frame, const GroupRows& group) {
  int selected_by = -1;
  RowSet selected = group.rows;
  for (const auto& each : accumulators_) {
    if (each->spec.distinct >= 0) continue;
    if (each->spec.filter != selected_by) {
      selected = passing(frame, each->spec.filter, group.rows, selected_);
      selected_by = each->spec.filter;
    }
    if (selected.count == 0) continue;
    const int argument = each->spec.argument;
    const Column& column = argument < 0 ? no_column() : frame.column(static_cast<std::size_t>(argument));
    each->update(rows_, column, GroupRows{selected, group.slots, group.weights});
  }
}

void AggregateState::update_distinct(Frame& frame, const GroupRows& group) {
  for (std::size_t b = 0; b < bags_.size(); ++b) {
    const BagSpec& spec = bag_specs_[b];
    ValueBag& bag = *bags_[b];
    std::vector<const Column*> columns;
    for (int column : spec.columns) columns.push_back(&frame.column(static_cast<std::size_t>(column)));
    // Rows of which no value is NULL and that pass one of the filters.
    const bool takes_all = std::find(spec.filters.begin(), spec.filters.end(), -1) != spec.filters.end();
    const bool has_nulls = std::any_of(columns.begin(), columns.end(), [](const Column* column) {
      return column->has_nulls() || column->storage == Storage::kNull;
    });
    RowSet rows = group.rows;
    if (!takes_all || has_nulls) {
      selected_.clear();
      each_row(group.rows, [&](std::int64_t row) {
        for (const Column* column : columns) {
          if (!column->is_valid(row)) return;
        }
        bool passes = takes_all;
        for (std::size_t f = 0; f < spec.filters.size() && !passes; ++f) {
          const Column& column = frame.column(static_cast<std::size_t>(spec.filters[f]));
          passes = column.values<std::uint8_t>()[row] && column.is_valid(row);
        }
        if (passes) selected_.push_back(static_cast<std::uint32_t>(row));
      });
      rows = RowSet{selected_.data(), 0, static_cast<std::int64_t>(selected_.size())};
    }
    if (rows.count == 0) continue;
    bag.find(columns, rows, group.slots, frame.rows());
    passed_.resize(static_cast<std::size_t>(rows.count));
    passed_weights_.resize(static_cast<std::size_t>(frame.rows()));
    for (std::size_t f = 0; f < spec.filters.size(); ++f) {
      const Column* filter =
          spec.filters[f] < 0 ? nullptr : &frame.column(static_cast<std::size_t>(spec.filters[f]));
      std::size_t count = 0;
      for (std::int64_t i = 0; i < rows.count; ++i) {
        const std::int64_t row = rows[i];
        if (filter && !(filter->values<std::uint8_t>()[row] && filter->is_valid(row))) continue;
        const int change = bag.count(i, f, group.weights ? group.weights[row] : 1);
        if (change == 0) continue;
        passed_[count++] = static_cast<std::uint32_t>(row);
        passed_weights_[row] = static_cast<std::int8_t>(change);
      }
      if (count == 0) continue;
      const GroupRows passed{RowSet{passed_.data(), 0, static_cast<std::int64_t>(count)}, group.slots,
                             group.weights ? passed_weights_.data() : nullptr};
      for (const Distinct& each : distincts_) {
        if (each.bag != b || each.filter != f) continue;
        Accumulator& target = *accumulators_[each.accumulator];
        const int argument = target.spec.argument;
        target.update(rows_, argument < 0 ? no_column() : frame.column(static_cast<std::size_t>(argument)), passed);
      }
    }
    bag.drop_emptied();
  }
}

void AggregateState::merge(std::span<const Slot> slots, AggregateState& from, std::span<const Slot> from_slots) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    rows_.header(slots[i]).rows += from.rows_.header(from_slots[i]).rows;
  }
  for (const auto& each : accumulators_) {
    if (each->spec.distinct >= 0) continue;
    for (std::size_t i = 0; i < slots.size(); ++i) each->merge(rows_, slots[i], from.rows_, from_slots[i]);
  }
  for (std::size_t b = 0; b < bags_.size(); ++b) merge_bag(b, slots, from, from_slots);
}

void AggregateState::merge_bag(std::size_t b, std::span<const Slot> slots, AggregateState& from,
                               std::span<const Slot> from_slots) {
  const ValueBag& other = *from.bags_[b];
  std::vector<Entry> entries;
  std::vector<Slot> owners;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::size_t first = entries.size();
    other.each_entry(from_slots[i], [&](Entry entry) { entries.push_back(entry); });
    std::reverse(entries.begin() + static_cast<std::ptrdiff_t>(first), entries.end());  // as they came
    owners.resize(entries.size(), slots[i]);
  }
  if (entries.empty()) return;
  std::vector<ColumnBuilder> builders;
  for (const ColumnType& type : other.index().types()) builders.emplace_back(type);
  other.index().keys(entries, builders);
  Batch batch;
  for (ColumnBuilder& builder : builders) batch.add(std::move(builder));
  const std::unique_ptr<Frame> frame = as_frame(std::move(batch));
  std::vector<const Column*> columns;
  for (std::size_t c = 1; c < frame->width(); ++c) columns.push_back(&frame->column(c));
  const RowSet rows{nullptr, 0, static_cast<std::int64_t>(entries.size())};
  ValueBag& bag = *bags_[b];
  bag.find(columns, rows, owners.data(), rows.count);
  for (std::size_t f = 0; f < bag.filters(); ++f) {
    passed_.clear();
    for (std::int64_t i = 0; i < rows.count; ++i) {
      const std::int32_t times = other.times(entries[static_cast<std::size_t>(i)], f);
      if (times > 0 && bag.add(i, f, times)) passed_.push_back(static_cast<std::uint32_t>(i));
    }
    const GroupRows passed{RowSet{passed_.data(), 0, static_cast<std::int64_t>(passed_.size())}, owners.data(), nullptr};
    if (passed_.empty()) continue;
    for (const Distinct& each : distincts_) {
      if (each.bag != b || each.filter != f) continue;
      Accumulator& target = *accumulators_[each.accumulator];
      const auto& numbers = bag_specs_[b].columns;
      const auto at = std::find(numbers.begin(), numbers.end(), target.spec.argument) - numbers.begin();
      const bool counts_rows = target.spec.argument < 0;
      target.update(rows_, counts_rows ? no_column() : *columns[static_cast<std::size_t>(at)], passed);
    }
  }
}

// In chunks whose state stays in the cache from one accumulator to the next.
void AggregateState::results(std::span<const Slot> slots, std::span<ColumnBuilder> out) const {
  constexpr std::size_t kChunk = 256;
  for (std::size_t first = 0; first < slots.size(); first += kChunk) {
    const auto chunk = slots.subspan(first, std::min(kChunk, slots.size() - first));
    for (Slot slot : chunk) rows_.prefetch(slot);
    for (std::size_t i = 0; i < accumulators_.size(); ++i) accumulators_[i]->result(rows_, chunk, out[i]);
  }
}

std::vector<ColumnBuilder> AggregateState::new_results() const {
  std::vector<ColumnBuilder> columns;
  for (const auto& each : accumulators_) columns.emplace_back(each->spec.result);
  return columns;
}

void AggregateState::write(Slot slot, Writer& out) const {
  out.put(rows_.header(slot).rows);
  out.put(expires_ ? rows_.seconds(slot) : 0U);
  for (const auto& each : accumulators_) each->write(rows_, slot, out);
}

void AggregateState::read(Slot slot, Reader& in) {
  rows_.header(slot).rows = in.take<std::int64_t>();
  const auto seconds = in.take<std::uint32_t>();
  if (expires_) rows_.seconds(slot) = seconds;
  for (const auto& each : accumulators_) each->read(rows_, slot, in);
}

void AggregateState::write_bags(Slot slot, Writer& out) {
  for (const auto& bag : bags_) {
    std::vector<Entry> entries;
    bag->each_entry(slot, [&](Entry entry) { entries.push_back(entry); });
    out.put(static_cast<std::uint64_t>(entries.size()));
    for (auto at = entries.rbegin(); at != entries.rend(); ++at) bag->write_entry(*at, out);
  }
}

void AggregateState::read_bags(Slot slot, Reader& in) {
  for (const auto& bag : bags_) {
    const auto count = in.take<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) bag->read_entry(slot, in);
  }
}

std::size_t AggregateState::memory_bytes() const {
  std::size_t bytes = rows_.memory_bytes();
  for (const auto& bag : bags_) bytes += bag->memory_bytes();
  return bytes;
}

}  // namespace flott
