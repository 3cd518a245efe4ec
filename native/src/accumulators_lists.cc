// Aggregates of all values of a group in the order in which they came: the values are kept encoded
// (value_codec.h), and a row that goes takes the first equal value with it.
//
//   FIRST_VALUE, LAST_VALUE   where rows may go: an end of the list
//   SINGLE_VALUE              the one value, an error if there are several
//   COLLECT                   each value with how often it is there
//   everything else           the list, of which the caller makes the result
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "flott/aggregate_state.h"
#include "flott/value_codec.h"

namespace flott {
namespace {

using Values = std::vector<std::string>;

class ListOf : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(Values*); }
  bool owns_memory() const override { return true; }
  void clear(StateRows& state, Slot slot) override { delete fixed<Values*>(state, slot); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    std::string value;
    each_row(group.rows, [&](std::int64_t row) {
      if (!spec.keeps_nulls && !column.is_valid(row)) return;
      value.clear();
      encode_cell(spec.input, column, row, value);
      Values*& values = fixed<Values*>(state, group.slots[row]);
      if (!values) values = new Values;
      if (!group.weights || group.weights[row] > 0) return values->push_back(value);
      const auto at = std::find(values->begin(), values->end(), value);
      if (at != values->end()) values->erase(at);
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    const Values* const other = fixed<Values*>(from, from_slot);
    if (!other) return;
    Values*& values = fixed<Values*>(state, slot);
    if (!values) values = new Values;
    values->insert(values->end(), other->begin(), other->end());
  }
  void write(const StateRows& state, Slot slot, Writer& out) const override {
    const Values* const values = fixed<Values*>(state, slot);
    out.put(static_cast<std::uint64_t>(values ? values->size() : 0));
    if (values) for (const std::string& value : *values) out.put_bytes(value);
  }
  void read(StateRows& state, Slot slot, Reader& in) override {
    clear(state, slot);
    const auto count = in.take<std::uint64_t>();
    Values*& values = fixed<Values*>(state, slot);
    values = count ? new Values : nullptr;
    for (std::uint64_t i = 0; i < count; ++i) values->emplace_back(in.take_bytes());
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    std::string list;
    for (Slot slot : slots) {
      const Values* const values = fixed<Values*>(state, slot);
      if (!values || values->empty()) {
        out.push_null();
        continue;
      }
      list.assign(1, '\1');
      const auto count = static_cast<std::uint32_t>(values->size());
      list.append(reinterpret_cast<const char*>(&count), sizeof count);
      for (const std::string& value : *values) list += value;
      out.push_bytes(list);
    }
  }

 protected:
  void push_value(const std::string* value, ColumnBuilder& out) const {
    if (!value) return out.push_null();
    const char* at = value->data();
    out.push_encoded(at);
  }
};

class EndOf final : public ListOf {
 public:
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    const bool is_first = spec.function == "FIRST_VALUE";
    for (Slot slot : slots) {
      const Values* const values = fixed<Values*>(state, slot);
      const bool is_empty = !values || values->empty();
      push_value(is_empty ? nullptr : is_first ? &values->front() : &values->back(), out);
    }
  }
};

class SingleOf final : public ListOf {
 public:
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    for (Slot slot : slots) {
      const Values* const values = fixed<Values*>(state, slot);
      if (values && values->size() > 1) {
        throw std::invalid_argument("a subquery used as a value gave more than one row");
      }
      push_value(values && !values->empty() ? &values->front() : nullptr, out);
    }
  }
};

struct Counted {
  std::string value;
  std::int32_t count;
};

// Values in order of first appearance. Those that are gone stay with count 0 until they are many.
struct Multiset {
  std::vector<Counted> values;
  std::unordered_map<std::string, std::size_t> places;
  std::size_t gone = 0;

  void add(const std::string& value, std::int32_t count) {
    const auto [at, is_new] = places.try_emplace(value, values.size());
    if (is_new) {
      values.push_back({value, count});
      return;
    }
    Counted& held = values[at->second];
    const bool was_gone = held.count == 0;
    held.count += count;
    if (held.count != 0) {
      gone -= was_gone ? 1 : 0;
    } else if (!was_gone && ++gone > 16 + values.size() / 2) {
      compact();
    }
  }

 private:
  void compact() {
    std::erase_if(values, [](const Counted& each) { return each.count == 0; });
    places.clear();
    for (std::size_t i = 0; i < values.size(); ++i) places.emplace(values[i].value, i);
    gone = 0;
  }
};

class MultisetOf final : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(Multiset*); }
  bool owns_memory() const override { return true; }
  void clear(StateRows& state, Slot slot) override { delete fixed<Multiset*>(state, slot); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    std::string value;
    each_value(column, group, [&](std::int64_t row, int weight) {
      value.clear();
      encode_cell(spec.input, column, row, value);
      of(state, group.slots[row]).add(value, weight);
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    const Multiset* const other = fixed<Multiset*>(from, from_slot);
    if (!other) return;
    for (const Counted& each : other->values) of(state, slot).add(each.value, each.count);
  }
  void write(const StateRows& state, Slot slot, Writer& out) const override {
    const Multiset* const held = fixed<Multiset*>(state, slot);
    out.put(static_cast<std::uint64_t>(held ? held->values.size() : 0));
    if (!held) return;
    for (const Counted& each : held->values) {
      out.put_bytes(each.value);
      out.put(each.count);
    }
  }
  void read(StateRows& state, Slot slot, Reader& in) override {
    clear(state, slot);
    fixed<Multiset*>(state, slot) = nullptr;
    const auto count = in.take<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string value(in.take_bytes());
      const auto times = in.take<std::int32_t>();
      if (times != 0) of(state, slot).add(value, times);
    }
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    std::string list;
    for (Slot slot : slots) {
      list.assign(1, '\1');
      list.append(sizeof(std::uint32_t), '\0');
      std::uint32_t count = 0;
      if (const Multiset* const held = fixed<Multiset*>(state, slot)) {
        for (const Counted& each : held->values) {
          if (each.count <= 0) continue;
          ++count;
          list += '\1';
          list += each.value;
          list += '\1';
          list.append(reinterpret_cast<const char*>(&each.count), sizeof each.count);
        }
      }
      std::memcpy(list.data() + 1, &count, sizeof count);
      out.push_bytes(list);
    }
  }

 private:
  Multiset& of(StateRows& state, Slot slot) const {
    Multiset*& held = fixed<Multiset*>(state, slot);
    if (!held) held = new Multiset;
    return *held;
  }
};

}  // namespace

std::unique_ptr<Accumulator> make_list_accumulator(const AggregateSpec& spec) {
  if (spec.function == "FIRST_VALUE" || spec.function == "LAST_VALUE") return std::make_unique<EndOf>();
  if (spec.function == "SINGLE_VALUE") return std::make_unique<SingleOf>();
  if (spec.function == "COLLECT") return std::make_unique<MultisetOf>();
  if (spec.function == "LIST") return std::make_unique<ListOf>();
  throw UnsupportedColumn("no kernel computes the aggregate " + spec.function);
}

}  // namespace flott
