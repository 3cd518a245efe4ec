// What the faces of aggregating kernels share.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
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

}  // namespace flott
