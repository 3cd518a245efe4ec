// Random operations on the key index and the group table, checked against std::map.
//
// LLVMFuzzerTestOneInput takes the operations from bytes; `main` feeds it random ones, so that the
// check runs with any compiler: columns_fuzz [rounds] [first seed]. Build it with the sanitizers.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "flott/group_table.h"
#include "flott/slice_table.h"

namespace {

using namespace flott;

void check(bool holds, const char* what) {
  if (holds) return;
  std::printf("columns_fuzz: %s\n", what);
  std::abort();
}

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool is_empty() const { return at_ == end_; }
  int take(int below) { return is_empty() ? 0 : *at_++ % below; }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

struct Row {
  std::optional<std::string> key;
  std::optional<std::int64_t> value;
};

struct Expected {
  std::int64_t rows = 0;
  std::map<std::int64_t, std::int64_t> values;
};

using Model = std::map<std::optional<std::string>, Expected>;

const char* const kKeys[] = {"", "a", "b", "exactly 12 b", "more than twelve bytes", "more than twelve bytes, too"};

Row take_row(Bytes& in) {
  Row row;
  const int key = in.take(7);
  if (key < 6) row.key = kKeys[key];
  const int value = in.take(9);
  if (value < 8) row.value = value - 4;
  return row;
}

std::unique_ptr<Frame> make_frame(const std::vector<Row>& rows) {
  ColumnBuilder keys(ColumnType{"vu", "f0", {}});
  ColumnBuilder values(ColumnType{"l", "f1", {}});
  for (const Row& row : rows) {
    row.key ? keys.push_bytes(*row.key) : keys.push_null();
    row.value ? values.push(*row.value) : values.push_null();
  }
  Batch batch;
  batch.add(std::move(keys));
  batch.add(std::move(values));
  return as_frame(std::move(batch));
}

std::unique_ptr<Frame> make_kinds(const std::vector<std::int8_t>& kinds) {
  ColumnBuilder column(ColumnType{"c", "kind", {}});
  for (std::int8_t kind : kinds) column.push(kind);
  Batch batch;
  batch.add(std::move(column));
  return as_frame(std::move(batch));
}

AggregateSpec aggregate(const char* function, int argument, int distinct = -1) {
  AggregateSpec spec;
  spec.function = function;
  spec.argument = argument;
  spec.distinct = distinct;
  spec.retracts = true;
  if (argument >= 0) spec.input = ColumnType{"l", "f1", {}};
  spec.result = ColumnType{"l", function, {}};
  return spec;
}

GroupTableSpec make_spec() {
  GroupTableSpec spec;
  spec.keys = {0};
  spec.key_types = {ColumnType{"vu", "f0", {}}};
  spec.input_types = {ColumnType{"vu", "f0", {}}, ColumnType{"l", "f1", {}}};
  spec.aggregates = {aggregate("COUNT", -1), aggregate("SUM", 1), aggregate("MAX", 1), aggregate("COUNT", 1, 0)};
  spec.bags = {{{1}, {-1}, true}};
  return spec;
}

void check_results(const GroupTable& table, const Model& model) {
  Slot next = 0;
  const std::unique_ptr<Frame> frame = as_frame(table.results(&next, table.size()));
  std::size_t groups = 0;
  for (const auto& [key, expected] : model) groups += expected.rows > 0;
  check(static_cast<std::size_t>(frame->rows()) == groups, "there are not as many groups as there should be");
  for (std::int64_t row = 0; row < frame->rows(); ++row) {
    std::optional<std::string> key;
    if (frame->column(0).is_valid(row)) key = std::string(frame->column(0).bytes(row));
    const Expected& expected = model.at(key);
    std::int64_t sum = 0;
    for (const auto& [value, count] : expected.values) sum += value * count;
    check(frame->column(1).values<std::int64_t>()[row] == expected.rows, "COUNT");
    check(frame->column(2).is_valid(row) == !expected.values.empty(), "SUM is NULL");
    if (expected.values.empty()) continue;
    check(frame->column(2).values<std::int64_t>()[row] == sum, "SUM");
    check(frame->column(3).values<std::int64_t>()[row] == expected.values.rbegin()->first, "MAX");
    check(frame->column(4).values<std::int64_t>()[row] == static_cast<std::int64_t>(expected.values.size()),
          "COUNT DISTINCT");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes in(data, size);
  auto table = std::make_unique<GroupTable>(make_spec());
  Model model;
  std::vector<Row> held;
  std::vector<std::string> payloads;
  while (!in.is_empty()) {
    switch (in.take(6)) {
      case 0:
        payloads.assign(1, *table->snapshot(true, false));
        break;
      case 1:
        if (payloads.empty()) break;
        if (auto changes = table->snapshot(false, false)) payloads.push_back(*changes);
        table = std::make_unique<GroupTable>(make_spec());
        for (const std::string& payload : payloads) table->restore(payload, 0, 127);
        break;
      default: {
        std::vector<Row> rows;
        std::vector<std::int8_t> kinds;
        for (int i = in.take(20); i > 0; --i) {
          const bool goes = in.take(3) == 0 && !held.empty();
          Row row = goes ? held[static_cast<std::size_t>(in.take(255)) % held.size()] : take_row(in);
          Expected& expected = model[row.key];
          expected.rows += goes ? -1 : 1;
          if (row.value && (expected.values[*row.value] += goes ? -1 : 1) == 0) expected.values.erase(*row.value);
          if (goes) {
            const auto same = [&](const Row& each) { return each.key == row.key && each.value == row.value; };
            held.erase(std::find_if(held.begin(), held.end(), same));
          } else {
            held.push_back(row);
          }
          rows.push_back(row);
          kinds.push_back(goes ? kDelete : kInsert);
        }
        const auto frame = make_frame(rows);
        const auto kind_frame = make_kinds(kinds);
        table->process(*frame, &kind_frame->column(0), 0);
      }
    }
    check_results(*table, model);
  }
  return 0;
}

#ifndef FLOTT_LIBFUZZER
int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1000;
  const unsigned first = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
  for (unsigned seed = first; seed < first + static_cast<unsigned>(rounds); ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes(random() % 600);
    for (std::uint8_t& each : bytes) each = static_cast<std::uint8_t>(random());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("columns_fuzz: %d rounds, ok\n", rounds);
}
#endif
