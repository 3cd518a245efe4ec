#include "flott/byte_arena.h"

#include <algorithm>
#include <new>

namespace flott {

ByteArena::~ByteArena() { clear(); }

void ByteArena::clear() {
  for (const Chunk& chunk : chunks_) free_memory(chunk.at, chunk.bytes);
  chunks_.clear();
  chunk_bytes_ = 0;
  for (Large* each = large_.next; each != &large_;) {
    Large* const next = each->next;
    std::free(each);
    each = next;
  }
  large_.next = large_.previous = &large_;
  large_bytes_ = 0;
  free_.fill(nullptr);
  next_ = nullptr;
  left_ = 0;
}

void ByteArena::add_chunk() {
  const std::size_t bytes = std::clamp(chunk_bytes_ / 2, kChunkMin, kChunkMax);
  chunks_.push_back({nullptr, 0});
  next_ = static_cast<char*>(grow_memory(nullptr, 0, bytes));
  chunks_.back() = {next_, bytes};
  chunk_bytes_ += bytes;
  left_ = bytes;
}

char* ByteArena::allocate_large(std::size_t size) {
  auto* const block = static_cast<Large*>(std::malloc(sizeof(Large) + size));
  if (!block) throw std::bad_alloc();
  *block = Large{large_.next, &large_};
  large_.next->previous = block;
  large_.next = block;
  large_bytes_ += size;
  return reinterpret_cast<char*>(block + 1);
}

void ByteArena::free_large(char* at, std::size_t size) {
  Large* const block = reinterpret_cast<Large*>(at) - 1;
  block->next->previous = block->previous;
  block->previous->next = block->next;
  large_bytes_ -= size;
  std::free(block);
}

}  // namespace flott
