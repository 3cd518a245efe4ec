// MIN, MAX, FIRST_VALUE, LAST_VALUE. Where rows only come, the one value is enough. Where rows may
// go, MIN and MAX keep the others in an ordered multiset behind the best one.
#include <map>
#include <string>

#include "flott/aggregate_state.h"

namespace flott {
namespace {

enum class Choice { kMin, kMax, kFirst, kLast };

template <typename T>
bool is_less(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a != a) return false;  // NaN is the largest
    if (b != b) return true;
  }
  return a < b;
}

template <typename T>
bool replaces(Choice choice, const T& value, const T& held) {
  switch (choice) {
    case Choice::kMin: return is_less(value, held);
    case Choice::kMax: return is_less(held, value);
    case Choice::kFirst: return false;
    default: return true;
  }
}

template <typename T>
struct Held {
  T value;
  std::int64_t is_there;
};

// A value of fixed width of a stream of which no row goes.
template <typename T, Choice kChoice>
class KeepFixed final : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(Held<T>); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    const T* const values = column.values<T>();
    each_value(column, group, [&](std::int64_t row, int) {
      offer(fixed<Held<T>>(state, group.slots[row]), values[row]);
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    const auto& other = fixed<Held<T>>(from, from_slot);
    if (other.is_there) offer(fixed<Held<T>>(state, slot), other.value);
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    const std::int64_t first = out.length();
    T* const values = out.extend<T>(static_cast<std::int64_t>(slots.size()));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& held = fixed<Held<T>>(state, slots[i]);
      values[i] = held.value;
      if (!held.is_there) out.set_null(first + static_cast<std::int64_t>(i));
    }
  }

 private:
  static void offer(Held<T>& held, T value) {
    if (held.is_there && !replaces(kChoice, value, held.value)) return;
    held.value = value;
    held.is_there = 1;
  }
};

// The same of strings and nested values.
class KeepBytes final : public Accumulator {
 public:
  explicit KeepBytes(Choice choice) : choice_(choice) {}

  std::size_t fixed_bytes() const override { return sizeof(std::string*); }
  bool owns_memory() const override { return true; }
  void clear(StateRows& state, Slot slot) override { delete fixed<std::string*>(state, slot); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    each_value(column, group, [&](std::int64_t row, int) {
      offer(fixed<std::string*>(state, group.slots[row]), column.bytes(row));
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    if (const std::string* other = fixed<std::string*>(from, from_slot)) {
      offer(fixed<std::string*>(state, slot), *other);
    }
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    for (Slot slot : slots) {
      const std::string* const held = fixed<std::string*>(state, slot);
      held ? out.push_bytes(*held) : out.push_null();
    }
  }
  void write(const StateRows& state, Slot slot, Writer& out) const override {
    const std::string* const held = fixed<std::string*>(state, slot);
    out.put(static_cast<std::uint8_t>(held != nullptr));
    if (held) out.put_bytes(*held);
  }
  void read(StateRows& state, Slot slot, Reader& in) override {
    clear(state, slot);
    fixed<std::string*>(state, slot) = in.take<std::uint8_t>() ? new std::string(in.take_bytes()) : nullptr;
  }

 private:
  void offer(std::string*& held, std::string_view value) const {
    if (!held) held = new std::string(value);
    else if (replaces<std::string_view>(choice_, value, *held)) held->assign(value);
  }
  Choice choice_;
};

template <typename T, bool kIsMin>
struct Order {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    if constexpr (std::is_same_v<T, std::string>) {
      return kIsMin ? std::string_view(a) < std::string_view(b) : std::string_view(b) < std::string_view(a);
    } else {
      return kIsMin ? is_less<T>(a, b) : is_less<T>(b, a);
    }
  }
};

// Values with how often each is there, the best first. A negative number is of a value that has gone
// before it came. All in a map of the group's own, made when the group has its first value.
template <typename T, bool kIsMin>
class BestOf final : public Accumulator {
 public:
  using Multiset = std::map<T, std::int64_t, Order<T, kIsMin>>;

  std::size_t fixed_bytes() const override { return sizeof(Multiset*); }
  bool owns_memory() const override { return true; }
  void clear(StateRows& state, Slot slot) override { delete fixed<Multiset*>(state, slot); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    each_value(column, group, [&](std::int64_t row, int weight) {
      Multiset*& values = fixed<Multiset*>(state, group.slots[row]);
      if constexpr (std::is_same_v<T, std::string>) {
        add(values, column.bytes(row), weight);
      } else {
        add(values, column.values<T>()[row], weight);
      }
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    const Multiset* const other = fixed<Multiset*>(from, from_slot);
    if (!other) return;
    for (const auto& [value, count] : *other) add(fixed<Multiset*>(state, slot), value, count);
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    for (Slot slot : slots) {
      const Multiset* const values = fixed<Multiset*>(state, slot);
      const T* best = nullptr;
      if (values) {
        for (const auto& [value, count] : *values) {
          if (count <= 0) continue;
          best = &value;
          break;
        }
      }
      if (!best) out.push_null();
      else if constexpr (std::is_same_v<T, std::string>) out.push_bytes(*best);
      else out.push(*best);
    }
  }
  void write(const StateRows& state, Slot slot, Writer& out) const override {
    const Multiset* const values = fixed<Multiset*>(state, slot);
    out.put(static_cast<std::uint64_t>(values ? values->size() : 0));
    if (!values) return;
    for (const auto& [value, count] : *values) {
      if constexpr (std::is_same_v<T, std::string>) out.put_bytes(value);
      else out.put(value);
      out.put(count);
    }
  }
  void read(StateRows& state, Slot slot, Reader& in) override {
    clear(state, slot);
    Multiset*& values = fixed<Multiset*>(state, slot);
    values = nullptr;
    const auto count = in.take<std::uint64_t>();
    if (count) values = new Multiset;
    for (std::uint64_t i = 0; i < count; ++i) {
      if constexpr (std::is_same_v<T, std::string>) {
        std::string value(in.take_bytes());
        values->emplace_hint(values->end(), std::move(value), in.take<std::int64_t>());
      } else {
        const T value = in.take<T>();
        values->emplace_hint(values->end(), value, in.take<std::int64_t>());
      }
    }
  }

 private:
  template <typename V>
  static void add(Multiset*& values, const V& value, std::int64_t count) {
    if (!values) values = new Multiset;
    const auto at = values->lower_bound(value);
    if (at == values->end() || values->key_comp()(value, at->first)) {
      values->emplace_hint(at, T(value), count);
    } else if ((at->second += count) == 0) {
      values->erase(at);
    }
  }
};

template <typename T>
std::unique_ptr<Accumulator> make_fixed(Choice choice, bool retracts) {
  if (retracts && choice == Choice::kMin) return std::make_unique<BestOf<T, true>>();
  if (retracts && choice == Choice::kMax) return std::make_unique<BestOf<T, false>>();
  switch (choice) {
    case Choice::kMin: return std::make_unique<KeepFixed<T, Choice::kMin>>();
    case Choice::kMax: return std::make_unique<KeepFixed<T, Choice::kMax>>();
    case Choice::kFirst: return std::make_unique<KeepFixed<T, Choice::kFirst>>();
    default: return std::make_unique<KeepFixed<T, Choice::kLast>>();
  }
}

}  // namespace

std::unique_ptr<Accumulator> make_value_accumulator(const AggregateSpec& spec) {
  const std::string& name = spec.function;
  Choice choice;
  if (name == "MIN") choice = Choice::kMin;
  else if (name == "MAX") choice = Choice::kMax;
  else if (name == "FIRST_VALUE") choice = Choice::kFirst;
  else if (name == "LAST_VALUE") choice = Choice::kLast;
  else return nullptr;
  const bool is_ordered = choice == Choice::kMin || choice == Choice::kMax;
  if (spec.retracts && !is_ordered) return nullptr;  // a list
  if (spec.input.storage() != Storage::kBytes) {
    return with_type(spec.input.storage(), [&](auto zero) { return make_fixed<decltype(zero)>(choice, spec.retracts); });
  }
  if (spec.retracts && choice == Choice::kMin) return std::make_unique<BestOf<std::string, true>>();
  if (spec.retracts) return std::make_unique<BestOf<std::string, false>>();
  return std::make_unique<KeepBytes>(choice);
}

}  // namespace flott
