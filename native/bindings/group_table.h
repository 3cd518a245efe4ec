// What the faces of aggregating kernels share.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "flott/group_table.h"

namespace flott {

// function, argument, filter, distinct, retracts, keeps_nulls
using AggregateTuple = std::tuple<std::string, int, int, int, bool, bool>;
// columns, filters
using BagTuple = std::tuple<std::vector<int>, std::vector<int>>;

// `input` has the columns that aggregates look at, `key_schema` those that keys look at; the same but
// where partials are merged.
GroupTableSpec make_group_spec(nanobind::handle input, nanobind::handle key_schema, nanobind::handle results, std::vector<int> keys,
                               const std::vector<AggregateTuple>& aggregates, const std::vector<BagTuple>& bags);

// The column of row kinds, or null; `held` keeps it.
const Column* kinds_column(std::unique_ptr<Frame>& held, nanobind::handle kinds);

template <typename Table>
nanobind::object take_snapshot(Table& self, bool full, bool detached) {
  std::optional<std::string> bytes;
  {
    nanobind::gil_scoped_release released;
    bytes = self.snapshot(full, detached);
  }
  if (!bytes) return nanobind::none();
  return nanobind::bytes(bytes->data(), bytes->size());
}

// The class of a table, with what each has as keyed state.
template <typename Table>
nanobind::class_<Table> bind_state(nanobind::module_& module, const char* name) {
  return nanobind::class_<Table>(module, name)
      .def("__len__", &Table::size)
      .def_prop_ro("memory_bytes", &Table::memory_bytes)
      .def("snapshot", &take_snapshot<Table>)
      .def("restore", [](Table& self, nanobind::bytes payload, std::uint32_t first, std::uint32_t last) {
        self.restore({payload.c_str(), payload.size()}, first, last);
      });
}

}  // namespace flott
