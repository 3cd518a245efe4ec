#include "flott/byte_arena.h"

#include <new>

namespace flott {

ByteArena::~ByteArena() { clear(); }

void ByteArena::clear() {
  for (char* chunk : chunks_) std::free(chunk);
  chunks_.clear();
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
  chunks_.reserve(chunks_.size() + 1);
  next_ = static_cast<char*>(std::malloc(kChunk));
  if (!next_) throw std::bad_alloc();
  chunks_.push_back(next_);
  left_ = kChunk;
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
