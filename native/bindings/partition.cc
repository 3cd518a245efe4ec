// Python face of partition.h.
#include "flott/partition.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>

#include <optional>

namespace nb = nanobind;
using flott::Numbers;
using flott::Parallelism;

namespace {

nb::list to_list(const Numbers& numbers) {
  nb::object list = nb::steal(PyList_New(static_cast<Py_ssize_t>(numbers.size())));
  if (!list.is_valid()) nb::raise_python_error();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    PyObject* const number = PyLong_FromLong(numbers[i]);
    if (!number) nb::raise_python_error();
    NB_LIST_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), number);
  }
  return nb::list(list);
}

Numbers to_targets(nb::list targets, std::int64_t count) {
  if (count < 1 || count > flott::kMaxParallelismLimit) throw nb::value_error("count must be between 1 and 32768");
  Numbers numbers;
  numbers.reserve(targets.size());
  for (nb::handle target : targets) {
    const long number = PyLong_AsLong(target.ptr());
    if (number == -1 && PyErr_Occurred()) nb::raise_python_error();
    if (number < 0 || number >= count) throw nb::value_error("a target must be between 0 and count - 1");
    numbers.push_back(static_cast<std::uint16_t>(number));
  }
  return numbers;
}

nb::list hash_partition(nb::list keys, nb::list values, std::optional<nb::list> timestamps,
                        std::int64_t max_parallelism, std::int64_t parallelism) {
  const Parallelism spread(max_parallelism, parallelism);
  const Numbers targets = flott::subtasks(keys, spread);
  const nb::list value_parts = flott::scatter(values, targets, spread.parallelism);
  nb::list timestamp_parts;
  if (timestamps) timestamp_parts = flott::scatter(*timestamps, targets, spread.parallelism);
  nb::list parts;
  for (std::uint32_t i = 0; i < spread.parallelism; ++i) {
    const nb::object part_timestamps = timestamps ? nb::object(timestamp_parts[i]) : nb::none();
    parts.append(nb::make_tuple(value_parts[i], part_timestamps));
  }
  return parts;
}

}  // namespace

void bind_partition(nb::module_& module) {
  module.def(
      "key_groups",
      [](nb::list keys, std::int64_t max_parallelism) {
        return to_list(flott::key_groups(keys, Parallelism(max_parallelism, 1)));
      },
      nb::arg("keys"), nb::arg("max_parallelism"));
  module.def(
      "partition",
      [](nb::list keys, std::int64_t max_parallelism, std::int64_t parallelism) {
        return to_list(flott::subtasks(keys, Parallelism(max_parallelism, parallelism)));
      },
      nb::arg("keys"), nb::arg("max_parallelism"), nb::arg("parallelism"));
  module.def(
      "scatter",
      [](nb::list values, nb::list targets, std::int64_t count) {
        return flott::scatter(values, to_targets(targets, count), static_cast<std::uint32_t>(count));
      },
      nb::arg("values"), nb::arg("targets"), nb::arg("count"));
  module.def("hash_partition", &hash_partition, nb::arg("keys"), nb::arg("values"),
             nb::arg("timestamps").none(), nb::arg("max_parallelism"), nb::arg("parallelism"));
}
