// Whether memory is mapped follows from its size.
#include "flott/memory.h"

#include <cstdlib>
#include <cstring>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace flott {

#ifdef __linux__
namespace {

constexpr std::size_t kMappedFrom = std::size_t{1} << 20;

void* checked(void* at) {
  if (at == MAP_FAILED) throw std::bad_alloc();
  return at;
}

}  // namespace

void* grow_memory(void* at, std::size_t before, std::size_t bytes) {
  if (bytes < kMappedFrom) {
    void* const grown = std::realloc(at, bytes);
    if (!grown) throw std::bad_alloc();
    return grown;
  }
  void* grown;
  if (before >= kMappedFrom) {
    grown = checked(mremap(at, before, bytes, MREMAP_MAYMOVE));
  } else {
    grown = checked(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (before) std::memcpy(grown, at, before);
    std::free(at);
  }
  // Random access to large arrays misses the TLB nearly always with small pages. The wish is for all of it:
  // memory of two kinds could not be moved at once.
  madvise(grown, bytes, MADV_HUGEPAGE);
  return grown;
}

void free_memory(void* at, std::size_t bytes) {
  if (bytes >= kMappedFrom) munmap(at, bytes); else std::free(at);
}
#else
void* grow_memory(void* at, std::size_t, std::size_t bytes) {
  void* const grown = std::realloc(at, bytes);
  if (!grown) throw std::bad_alloc();
  return grown;
}

void free_memory(void* at, std::size_t) { std::free(at); }
#endif

}  // namespace flott
