// What the programs of this folder share: choices drawn from bytes, small rows, and a main.
//
// A target takes its operations from bytes (LLVMFuzzerTestOneInput), as libFuzzer wants it. `run` feeds it
// random ones, so that the checks run with any compiler: PROGRAM [rounds] [first seed].
#pragma once

#include <compare>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/row_kind.h"
#include "flott/slice_table.h"

namespace fuzzing {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::printf("a check failed: %s\n", what);
  std::abort();
}

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool is_empty() const { return at_ == end_; }
  int take(int below) { return is_empty() ? 0 : *at_++ % below; }
  bool flip() { return take(2) == 1; }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

// A text, which may be the key, and a number; either may be NULL.
struct Row {
  std::optional<std::string> key;
  std::optional<std::int64_t> value;

  auto operator<=>(const Row&) const = default;
};

inline constexpr int kKeyCount = 6;
inline const char* const kKeys[kKeyCount] = {
    "", "a", "b", "exactly 12 b", "more than twelve bytes", "more than twelve bytes, too"};

inline Row take_row(Bytes& in) {
  Row row;
  const int key = in.take(kKeyCount + 1);
  if (key < kKeyCount) row.key = kKeys[key];
  const int value = in.take(9);
  if (value < 8) row.value = value - 4;
  return row;
}

inline std::vector<flott::ColumnType> row_types() { return {{"vu", "f0", {}}, {"l", "f1", {}}}; }

inline std::unique_ptr<flott::Frame> make_frame(const std::vector<Row>& rows) {
  flott::ColumnBuilder keys(row_types()[0]), values(row_types()[1]);
  for (const Row& row : rows) {
    row.key ? keys.push_bytes(*row.key) : keys.push_null();
    row.value ? values.push(*row.value) : values.push_null();
  }
  flott::Batch batch;
  batch.add(std::move(keys));
  batch.add(std::move(values));
  return flott::as_frame(std::move(batch));
}

// Rows that come or go; those that go are some of `held`, which is kept up to date.
struct Changes {
  std::vector<Row> rows;
  std::vector<std::int8_t> kinds;
};

inline Changes take_changes(Bytes& in, std::vector<Row>& held, bool may_go) {
  Changes changes;
  for (int i = in.take(20); i > 0; --i) {
    const bool goes = may_go && in.take(3) == 0 && !held.empty();
    const bool is_update = in.flip();
    if (goes) {
      const auto at = held.begin() + in.take(255) % static_cast<int>(held.size());
      changes.rows.push_back(*at);
      changes.kinds.push_back(is_update ? flott::kUpdateBefore : flott::kDelete);
      held.erase(at);
    } else {
      changes.rows.push_back(take_row(in));
      changes.kinds.push_back(may_go && is_update ? flott::kUpdateAfter : flott::kInsert);
      held.push_back(changes.rows.back());
    }
  }
  return changes;
}

template <typename Target>
int run(const char* name, int argc, char** argv, Target&& target) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1000;
  const unsigned first = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
  for (unsigned seed = first; seed < first + static_cast<unsigned>(rounds); ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes(random() % 600);
    for (std::uint8_t& each : bytes) each = static_cast<std::uint8_t>(random());
    target(bytes.data(), bytes.size());
  }
  std::printf("%s: %d rounds, ok\n", name, rounds);
  return 0;
}

}  // namespace fuzzing
