// Memory for many byte strings that come and go: blocks in classes of 8 bytes, reused when freed.
//
// They stand in chunks that grow with what is kept. Those of many kept strings are mapped (memory.h): in
// the heap they would stand between batches, which come and go, and hold what these have left behind.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

#include "flott/memory.h"

namespace flott {

class ByteArena {
 public:
  ByteArena() = default;
  ~ByteArena();
  ByteArena(const ByteArena&) = delete;
  ByteArena& operator=(const ByteArena&) = delete;

  char* allocate(std::size_t size) {
    if (size > kClassedMax) return allocate_large(size);
    const std::size_t index = (size + kStep - 1) / kStep;
    if (void* const block = free_[index]) {
      free_[index] = *static_cast<void**>(block);
      return static_cast<char*>(block);
    }
    const std::size_t bytes = index * kStep;
    if (left_ < bytes) add_chunk();
    char* const block = next_;
    next_ += bytes;
    left_ -= bytes;
    return block;
  }

  // `size` is what was asked for.
  void free(char* block, std::size_t size) {
    if (size > kClassedMax) return free_large(block, size);
    void*& head = free_[(size + kStep - 1) / kStep];
    *reinterpret_cast<void**>(block) = head;
    head = block;
  }

  // Frees everything at once.
  void clear();
  std::size_t memory_bytes() const { return chunk_bytes_ + large_bytes_; }

 private:
  static constexpr std::size_t kStep = 8;
  static constexpr std::size_t kClassedMax = 1024;
  static constexpr std::size_t kChunkMin = std::size_t{64} << 10;
  static constexpr std::size_t kChunkMax = std::size_t{1} << 20;

  char* allocate_large(std::size_t size);
  void free_large(char* block, std::size_t size);
  void add_chunk();

  std::array<void*, kClassedMax / kStep + 1> free_{};
  struct Chunk {
    char* at;
    std::size_t bytes;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_bytes_ = 0;
  // Large blocks stand in a list, so that all can be freed at once.
  struct Large {
    Large* next;
    Large* previous;
  };
  Large large_{&large_, &large_};
  std::size_t large_bytes_ = 0;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace flott
