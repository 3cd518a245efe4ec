// Random operations on the key index and the group table, checked against std::map.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flott/group_table.h"
#include "fuzzing.h"

namespace {

using namespace flott;
using namespace fuzzing;

struct Expected {
  std::int64_t rows = 0;
  std::map<std::int64_t, std::int64_t> values;
};

using Model = std::map<std::optional<std::string>, Expected>;

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
  spec.group_columns = {0};
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
        const Changes changes = take_changes(in, held, true);
        for (std::size_t i = 0; i < changes.rows.size(); ++i) {
          const Row& row = changes.rows[i];
          const int weight = is_accumulate(changes.kinds[i]) ? 1 : -1;
          Expected& expected = model[row.key];
          expected.rows += weight;
          if (row.value && (expected.values[*row.value] += weight) == 0) expected.values.erase(*row.value);
        }
        const auto frame = make_frame(changes.rows);
        const auto kind_frame = make_kinds(changes.kinds);
        table->process(*frame, &kind_frame->column(0), 0);
      }
    }
    check_results(*table, model);
  }
  return 0;
}

#ifndef FLOTT_LIBFUZZER
int main(int argc, char** argv) { return fuzzing::run("columns_fuzz", argc, argv, LLVMFuzzerTestOneInput); }
#endif
