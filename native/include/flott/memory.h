// Memory of arrays that grow for as long as a job runs.
//
// Small ones are malloc's. Large ones are mapped for themselves: growing moves pages and no bytes, what
// is not written takes nothing, and nothing is left behind in the heap, where an array that outgrows
// its place leaves a hole of its former size.
#pragma once

#include <cstddef>

namespace flott {

// `at` of `before` bytes (both may be 0) as memory of `bytes` bytes, which are more.
void* grow_memory(void* at, std::size_t before, std::size_t bytes);
void free_memory(void* at, std::size_t bytes);

}  // namespace flott
