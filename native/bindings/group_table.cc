// Python face of group_table.h. Aggregates come as tuples; see flott.kernels.columns.group_table.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrow_capsule.h"
#include "group_table.h"

namespace nb = nanobind;

namespace flott {

GroupTableSpec make_group_spec(nb::handle input, nb::handle key_schema, nb::handle results, std::vector<int> keys,
                               const std::vector<AggregateTuple>& aggregates, const std::vector<BagTuple>& bags) {
  GroupTableSpec spec;
  spec.input_types = import_frame(input)->types();
  const std::vector<ColumnType> result_types = import_frame(results)->types();
  const std::vector<ColumnType> key_columns = import_frame(key_schema)->types();
  for (int key : keys) {
    spec.key_types.push_back(key_columns.at(static_cast<std::size_t>(key)));
    spec.key_types.back().name = "f" + std::to_string(spec.key_types.size() - 1);
    spec.group_columns.push_back(spec.group_columns.size());
  }
  spec.keys = std::move(keys);
  for (const auto& [function, argument, filter, distinct, retracts, keeps_nulls] : aggregates) {
    AggregateSpec made;
    made.function = function;
    made.argument = argument;
    made.filter = filter;
    made.distinct = distinct;
    made.retracts = retracts;
    made.keeps_nulls = keeps_nulls;
    if (argument >= 0) made.input = spec.input_types.at(static_cast<std::size_t>(argument));
    made.result = result_types.at(spec.aggregates.size());
    spec.aggregates.push_back(std::move(made));
  }
  for (const auto& [columns, filters] : bags) spec.bags.push_back({columns, filters, false});
  for (const AggregateSpec& each : spec.aggregates) {
    if (each.distinct >= 0) spec.bags.at(static_cast<std::size_t>(each.distinct)).retracts |= each.retracts;
  }
  return spec;
}

const Column* kinds_column(std::unique_ptr<Frame>& held, nb::handle kinds) {
  if (kinds.is_none()) return nullptr;
  held = import_frame(kinds);
  return &held->column(0);
}

}  // namespace flott

namespace {

using namespace flott;

GroupTable* make_table(GroupTable* self, nb::handle input, nb::handle key_schema, nb::handle results, std::vector<int> keys,
                       const std::vector<AggregateTuple>& aggregates, const std::vector<BagTuple>& bags,
                       bool emits_update_before, bool merges_partials, std::uint32_t ttl_seconds,
                       std::uint32_t max_parallelism, std::optional<std::vector<std::size_t>> group_columns) {
  GroupTableSpec spec = make_group_spec(input, key_schema, results, std::move(keys), aggregates, bags);
  spec.emits_update_before = emits_update_before;
  spec.merges_partials = merges_partials;
  spec.ttl_seconds = ttl_seconds;
  spec.max_parallelism = max_parallelism;
  if (group_columns) spec.group_columns = std::move(*group_columns);
  return new (self) GroupTable(std::move(spec));
}

ArrowFrame* process(GroupTable& self, nb::handle object, nb::handle kinds, std::uint32_t now_seconds) {
  auto frame = import_frame(object);
  std::unique_ptr<Frame> held;
  const Column* const weights = kinds_column(held, kinds);
  Batch out;
  {
    nb::gil_scoped_release released;
    out = self.process(*frame, weights, now_seconds);
  }
  return export_frame(std::move(out));
}

void accumulate(GroupTable& self, nb::handle object, nb::handle kinds, std::uint32_t now_seconds) {
  auto frame = import_frame(object);
  std::unique_ptr<Frame> held;
  const Column* const weights = kinds_column(held, kinds);
  nb::gil_scoped_release released;
  self.accumulate(*frame, weights, now_seconds);
}

ArrowFrame* scan(GroupTable& self, nb::handle object, nb::handle kinds, nb::handle emits, std::uint32_t now_seconds) {
  auto frame = import_frame(object);
  auto emitted = import_frame(emits);
  std::unique_ptr<Frame> held;
  const Column* const weights = kinds_column(held, kinds);
  Batch out;
  {
    nb::gil_scoped_release released;
    out = self.scan(*frame, weights, emitted->column(0), now_seconds);
  }
  return export_frame(std::move(out));
}

}  // namespace

void bind_group_table(nb::module_& module) {
  bind_state<GroupTable>(module, "GroupTable")
      .def("__init__", [](GroupTable* self, nb::handle input, nb::handle key_schema, nb::handle results, std::vector<int> keys,
                          const std::vector<AggregateTuple>& aggregates, const std::vector<BagTuple>& bags,
                          bool emits_update_before, bool merges_partials, std::uint32_t ttl_seconds,
                          std::uint32_t max_parallelism, std::optional<std::vector<std::size_t>> group_columns) {
        make_table(self, input, key_schema, results, std::move(keys), aggregates, bags, emits_update_before,
                   merges_partials, ttl_seconds, max_parallelism, std::move(group_columns));
      })
      .def("process", &process, nb::arg("frame"), nb::arg("kinds").none(), nb::arg("now_seconds"),
           nb::rv_policy::take_ownership)
      .def("accumulate", &accumulate, nb::arg("frame"), nb::arg("kinds").none(), nb::arg("now_seconds"))
      .def("scan", &scan, nb::arg("frame"), nb::arg("kinds").none(), nb::arg("emits"), nb::arg("now_seconds") = 0,
           nb::rv_policy::take_ownership)
      .def("results", [](GroupTable& self, Slot first, std::size_t most) {
        Slot next = first;
        nb::object frame = exported(self.results(&next, most));
        return nb::make_tuple(frame, next);
      })
      .def("empty_result", [](GroupTable& self) { return export_frame(self.empty_result()); },
           nb::rv_policy::take_ownership)
      .def("take_partials", [](GroupTable& self) { return export_frame(self.take_partials()); },
           nb::rv_policy::take_ownership)
      .def("expire", &GroupTable::expire, nb::call_guard<nb::gil_scoped_release>())
      .def("clear", &GroupTable::clear);
}
