// Hash partitioning of Python lists: which subtask owns each key, and the lists split accordingly.
//
// A key belongs to a key group for ever; a key group to a subtask for as long as the parallelism lasts:
//
//   key_group = hash % max_parallelism
//   subtask   = key_group * parallelism / max_parallelism        so each subtask owns a range of groups
//
// All functions keep the order of their input, so each output list is in arrival order.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <vector>

namespace flott {

inline constexpr std::uint32_t kMaxParallelismLimit = 1 << 15;  // as in Flink

struct Parallelism {
  Parallelism(std::int64_t max, std::int64_t current);  // throws ValueError

  std::uint32_t key_group(std::uint64_t hash) const {
    return static_cast<std::uint32_t>(hash) % max_parallelism;
  }
  std::uint32_t subtask(std::uint32_t group) const {
    return group * parallelism / max_parallelism;
  }

  std::uint32_t max_parallelism;
  std::uint32_t parallelism;
};

// One number below 2^15 for each key, or for each row of a batch.
using Numbers = std::vector<std::uint16_t>;

Numbers key_groups(nanobind::list keys, Parallelism parallelism);
Numbers subtasks(nanobind::list keys, Parallelism parallelism);

// Splits `values` into `count` lists; targets[i] names the list that values[i] goes to.
nanobind::list scatter(nanobind::list values, const Numbers& targets, std::uint32_t count);

}  // namespace flott
