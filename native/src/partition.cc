// Layout: the targets of a batch are one vector of 16-bit numbers, so a batch of 64 Ki rows fits the L2 cache.
//
// scatter counts first and then fills lists made at their final size: two passes over 2 bytes a row cost
// less than growing lists.
#include "flott/partition.h"

#include <string>

#include "flott/key_hash.h"

namespace nb = nanobind;

namespace flott {
namespace {

[[noreturn]] void throw_value_error(const std::string& text) { throw nb::value_error(text.c_str()); }

// Calls visit(hash) for each key. A canonical function written in Python may change the list under us;
// PyList_GetItem checks its bounds.
template <typename Visit>
void for_each_hash(nb::list keys, Visit visit) {
  const Py_ssize_t size = PyList_Size(keys.ptr());
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* const key = PyList_GetItem(keys.ptr(), i);
    if (!key) nb::raise_python_error();
    visit(hash_key(key));
  }
}

}  // namespace

Parallelism::Parallelism(std::int64_t max, std::int64_t current)
    : max_parallelism(static_cast<std::uint32_t>(max)), parallelism(static_cast<std::uint32_t>(current)) {
  if (max < 1 || max > kMaxParallelismLimit) {
    throw_value_error("max_parallelism must be between 1 and 32768, not " + std::to_string(max));
  }
  if (current < 1 || current > max) {
    throw_value_error("parallelism must be between 1 and max_parallelism (" + std::to_string(max) +
                      "), not " + std::to_string(current));
  }
}

Numbers key_groups(nb::list keys, Parallelism parallelism) {
  Numbers groups;
  groups.reserve(keys.size());
  for_each_hash(keys, [&](std::uint64_t hash) {
    groups.push_back(static_cast<std::uint16_t>(parallelism.key_group(hash)));
  });
  return groups;
}

Numbers subtasks(nb::list keys, Parallelism parallelism) {
  Numbers targets = key_groups(keys, parallelism);
  for (std::uint16_t& target : targets) {
    target = static_cast<std::uint16_t>(parallelism.subtask(target));
  }
  return targets;
}

nb::list scatter(nb::list values, const Numbers& targets, std::uint32_t count) {
  if (values.size() != targets.size()) {
    throw_value_error("there are " + std::to_string(targets.size()) + " keys or targets for " +
                      std::to_string(values.size()) + " values or timestamps");
  }
  std::vector<Py_ssize_t> sizes(count, 0);
  for (std::uint16_t target : targets) ++sizes[target];

  nb::list parts;
  std::vector<PyObject*> lists(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const nb::object part = nb::steal(PyList_New(sizes[i]));
    if (!part.is_valid()) nb::raise_python_error();
    parts.append(part);
    lists[i] = part.ptr();
    sizes[i] = 0;
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    PyObject* const value = PyList_GetItem(values.ptr(), static_cast<Py_ssize_t>(i));
    if (!value) nb::raise_python_error();
    Py_INCREF(value);
    NB_LIST_SET_ITEM(lists[targets[i]], sizes[targets[i]]++, value);
  }
  return parts;
}

}  // namespace flott
