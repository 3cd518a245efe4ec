// COUNT, SUM, AVG, variances: what adds up, so that rows may go as they have come.
#include <cmath>
#include <cstdint>

#include "flott/aggregate_state.h"

namespace flott {
namespace {

// The first number that a DECIMAL of 38 digits does not hold.
constexpr Int128 power_of_ten(int digits) {
  Int128 value = 1;
  for (int i = 0; i < digits; ++i) value *= 10;
  return value;
}
constexpr Int128 kDecimalLimit = power_of_ten(38);

bool fits_decimal(Int128 value) { return value < kDecimalLimit && value > -kDecimalLimit; }

class CountRows final : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(std::int64_t); }
  void update(StateRows& state, const Column&, const GroupRows& group) override {
    if (!group.weights) {
      each_row(group.rows, [&](std::int64_t row) { ++fixed<std::int64_t>(state, group.slots[row]); });
    } else {
      each_row(group.rows, [&](std::int64_t row) {
        fixed<std::int64_t>(state, group.slots[row]) += group.weights[row];
      });
    }
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    fixed<std::int64_t>(state, slot) += fixed<std::int64_t>(from, from_slot);
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    auto* const values = out.extend<std::int64_t>(static_cast<std::int64_t>(slots.size()));
    for (std::size_t i = 0; i < slots.size(); ++i) values[i] = fixed<std::int64_t>(state, slots[i]);
  }
};

class CountValues final : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(std::int64_t); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    each_value(column, group, [&](std::int64_t row, int weight) {
      fixed<std::int64_t>(state, group.slots[row]) += weight;
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    fixed<std::int64_t>(state, slot) += fixed<std::int64_t>(from, from_slot);
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    auto* const values = out.extend<std::int64_t>(static_cast<std::int64_t>(slots.size()));
    for (std::size_t i = 0; i < slots.size(); ++i) values[i] = fixed<std::int64_t>(state, slots[i]);
  }
};

template <typename Sum>
struct Total {
  Sum sum;
  std::int64_t count;
  std::int64_t overflows;  // of Int128 only
};
template <typename Sum>
  requires(sizeof(Sum) <= 8)
struct Total<Sum> {
  Sum sum;
  std::int64_t count;
};

template <typename Sum>
void add_to(Total<Sum>& total, Sum value, int weight) {
  if constexpr (std::is_same_v<Sum, Int128>) {
    const Int128 signed_value = weight > 0 ? value : -value;
    if (__builtin_add_overflow(total.sum, signed_value, &total.sum)) total.overflows += weight;
  } else if constexpr (std::is_integral_v<Sum>) {
    using Bits = std::make_unsigned_t<Sum>;  // wraps around
    total.sum = static_cast<Sum>(static_cast<Bits>(total.sum) + static_cast<Bits>(value) * static_cast<Bits>(weight));
  } else {
    total.sum += weight > 0 ? value : -value;
  }
  total.count += weight;
}

// `In` is the type of the column, `Sum` what adds up; results are made by `Finish`.
template <typename In, typename Sum>
class Sums : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(Total<Sum>); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    const In* const values = column.values<In>();
    each_value(column, group, [&](std::int64_t row, int weight) {
      add_to(fixed<Total<Sum>>(state, group.slots[row]), static_cast<Sum>(values[row]), weight);
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    auto& total = fixed<Total<Sum>>(state, slot);
    const auto& other = fixed<Total<Sum>>(from, from_slot);
    const std::int64_t count = total.count + other.count;
    add_to(total, other.sum, 1);
    total.count = count;
    if constexpr (std::is_same_v<Sum, Int128>) total.overflows += other.overflows;
  }
};

template <typename In, typename Sum>
class SumOf final : public Sums<In, Sum> {
 public:
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    const bool is_zero_for_none = this->spec.function == "SUM0";
    const std::int64_t first = out.length();
    auto* const values = out.extend<In>(static_cast<std::int64_t>(slots.size()));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& total = this->template fixed<Total<Sum>>(state, slots[i]);
      bool is_null = total.count == 0 && !is_zero_for_none;
      if constexpr (std::is_same_v<Sum, Int128>) is_null |= total.overflows != 0 || !fits_decimal(total.sum);
      values[i] = static_cast<In>(total.sum);
      if (is_null) out.set_null(first + static_cast<std::int64_t>(i));
    }
  }
};

// Half up, away from zero.
Int128 divide_rounded(Int128 sum, std::int64_t count, Int128 factor, bool* overflows) {
  const Int128 whole = sum / count;
  const Int128 rest = sum % count * factor;
  Int128 fraction = rest / count;
  const Int128 left = rest % count;
  if ((left < 0 ? -left : left) * 2 >= count) fraction += rest < 0 ? -1 : 1;
  Int128 value;
  *overflows = __builtin_mul_overflow(whole, factor, &value) || __builtin_add_overflow(value, fraction, &value) ||
               !fits_decimal(value);
  return value;
}

template <typename In, typename Sum>
class AverageOf final : public Sums<In, Sum> {
 public:
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    const std::int64_t first = out.length();
    const int scale = this->spec.result.decimal_scale() - this->spec.input.decimal_scale();
    const Int128 factor = power_of_ten(std::max(0, scale));
    auto* const values = out.extend<In>(static_cast<std::int64_t>(slots.size()));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& total = this->template fixed<Total<Sum>>(state, slots[i]);
      bool is_null = total.count == 0;
      values[i] = 0;
      if (!is_null) {
        if constexpr (std::is_same_v<Sum, Int128>) {
          bool overflows;
          values[i] = divide_rounded(total.sum, total.count, factor, &overflows);
          is_null = overflows || total.overflows != 0 || !fits_decimal(total.sum);
        } else {
          values[i] = static_cast<In>(total.sum / static_cast<Sum>(total.count));
        }
      }
      if (is_null) out.set_null(first + static_cast<std::int64_t>(i));
    }
  }
};

template <typename Sum>
struct Squares {
  Sum sum;
  Sum squares;
  std::int64_t count;
};

// Whole numbers throughout for whole numbers, as the standard formula gives them.
template <typename In, typename Sum>
class VarianceOf final : public Accumulator {
 public:
  std::size_t fixed_bytes() const override { return sizeof(Squares<Sum>); }
  void update(StateRows& state, const Column& column, const GroupRows& group) override {
    const In* const values = column.values<In>();
    each_value(column, group, [&](std::int64_t row, int weight) {
      auto& total = fixed<Squares<Sum>>(state, group.slots[row]);
      const Sum value = to_sum(values[row]);
      total.sum = plus(total.sum, weight > 0 ? value : minus(value));
      total.squares = plus(total.squares, weight > 0 ? times(value, value) : minus(times(value, value)));
      total.count += weight;
    });
  }
  void merge(StateRows& state, Slot slot, const StateRows& from, Slot from_slot) override {
    auto& total = fixed<Squares<Sum>>(state, slot);
    const auto& other = fixed<Squares<Sum>>(from, from_slot);
    total.sum = plus(total.sum, other.sum);
    total.squares = plus(total.squares, other.squares);
    total.count += other.count;
  }
  void result(const StateRows& state, std::span<const Slot> slots, ColumnBuilder& out) const override {
    const bool is_sample = spec.function == "STDDEV_SAMP" || spec.function == "VAR_SAMP";
    const bool is_root = spec.function == "STDDEV_SAMP" || spec.function == "STDDEV_POP";
    const auto unit = static_cast<double>(power_of_ten(spec.result.decimal_scale()));
    const std::int64_t first = out.length();
    auto* const values = out.extend<In>(static_cast<std::int64_t>(slots.size()));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& total = fixed<Squares<Sum>>(state, slots[i]);
      const std::int64_t divisor = total.count - (is_sample ? 1 : 0);
      values[i] = 0;
      if (total.count <= 0 || divisor <= 0) {
        out.set_null(first + static_cast<std::int64_t>(i));
        continue;
      }
      const auto count = static_cast<Sum>(total.count);
      const Sum spread = plus(total.squares, minus(times(total.sum, total.sum) / count));
      const Sum variance = spread / static_cast<Sum>(divisor);
      if constexpr (std::is_same_v<In, Int128>) {
        values[i] = static_cast<In>(std::llround((is_root ? std::sqrt(variance) : variance) * unit));
      } else {
        values[i] = is_root ? static_cast<In>(std::pow(static_cast<double>(variance), 0.5)) : static_cast<In>(variance);
      }
    }
  }

 private:
  Sum to_sum(In value) const {
    if constexpr (!std::is_same_v<In, Int128>) return static_cast<Sum>(value);
    return static_cast<Sum>(value) / static_cast<Sum>(power_of_ten(spec.input.decimal_scale()));
  }
  static Sum plus(Sum a, Sum b) {
    if constexpr (!std::is_integral_v<Sum>) return a + b;
    else return static_cast<Sum>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
  static Sum times(Sum a, Sum b) {
    if constexpr (!std::is_integral_v<Sum>) return a * b;
    else return static_cast<Sum>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }
  static Sum minus(Sum a) {
    if constexpr (!std::is_integral_v<Sum>) return -a;
    else return static_cast<Sum>(0 - static_cast<std::uint64_t>(a));
  }
};

template <template <typename, typename> class Made>
std::unique_ptr<Accumulator> make(Storage storage) {
  switch (storage) {
    case Storage::kInt8: return std::make_unique<Made<std::int8_t, std::int64_t>>();
    case Storage::kInt16: return std::make_unique<Made<std::int16_t, std::int64_t>>();
    case Storage::kInt32: return std::make_unique<Made<std::int32_t, std::int64_t>>();
    case Storage::kInt64: return std::make_unique<Made<std::int64_t, std::int64_t>>();
    case Storage::kFloat32: return std::make_unique<Made<float, double>>();
    case Storage::kFloat64: return std::make_unique<Made<double, double>>();
    default: throw UnsupportedColumn("this aggregate takes numbers only");
  }
}

}  // namespace

std::unique_ptr<Accumulator> make_numeric_accumulator(const AggregateSpec& spec) {
  const std::string& name = spec.function;
  const Storage storage = spec.argument < 0 ? Storage::kNull : spec.input.storage();
  const bool is_decimal = storage == Storage::kInt128;
  if (name == "COUNT" && spec.argument < 0) return std::make_unique<CountRows>();
  if (name == "COUNT") return std::make_unique<CountValues>();
  if (name == "SUM" || name == "SUM0") {
    if (is_decimal) return std::make_unique<SumOf<Int128, Int128>>();
    if (storage == Storage::kFloat32) return std::make_unique<SumOf<float, float>>();
    return make<SumOf>(storage);
  }
  if (name == "AVG") {
    return is_decimal ? std::make_unique<AverageOf<Int128, Int128>>() : make<AverageOf>(storage);
  }
  if (name == "STDDEV_POP" || name == "STDDEV_SAMP" || name == "VAR_POP" || name == "VAR_SAMP") {
    return is_decimal ? std::make_unique<VarianceOf<Int128, double>>() : make<VarianceOf>(storage);
  }
  return nullptr;
}

}  // namespace flott
