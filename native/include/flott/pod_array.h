// Arrays of plain values that leave new elements as they come (memory.h says how they grow), and bytes
// written and read one after the other.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "flott/memory.h"

namespace flott {

template <typename T>
class PodArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PodArray() = default;
  PodArray(PodArray&& other) noexcept { swap(other); }
  PodArray& operator=(PodArray&& other) noexcept {
    swap(other);
    return *this;
  }
  ~PodArray() { free_memory(data_, bytes()); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return capacity_ * sizeof(T); }

  void resize(std::size_t size) {
    if (size > capacity_) grow(size);
    size_ = size;
  }
  void resize(std::size_t size, T value) {
    const std::size_t before = size_;
    resize(size);
    for (std::size_t i = before; i < size; ++i) data_[i] = value;
  }
  void push_back(T value) {
    resize(size_ + 1);
    data_[size_ - 1] = value;
  }
  void clear() { size_ = 0; }
  // Gives the memory back, too.
  void reset() { PodArray().swap(*this); }
  void swap(PodArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void grow(std::size_t size) {
    std::size_t capacity = capacity_ + capacity_ / 2 + 16;
    if (capacity < size) capacity = size;
    data_ = static_cast<T*>(grow_memory(static_cast<void*>(data_), bytes(), capacity * sizeof(T)));
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Snapshots are written by Writer and read by Reader; both ends know the order of what is in them.
class Writer {
 public:
  template <typename T>
  void put(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    raw(&value, sizeof value);
  }
  void raw(const void* at, std::size_t size) { bytes_.append(static_cast<const char*>(at), size); }
  void put_bytes(std::string_view bytes) {
    put(static_cast<std::uint64_t>(bytes.size()));
    bytes_.append(bytes);
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  template <typename T>
  T take() {
    T value;
    std::memcpy(&value, raw(sizeof value), sizeof value);
    return value;
  }
  const char* raw(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_)) throw std::runtime_error("a snapshot of columns is cut short");
    const char* const at = at_;
    at_ += size;
    return at;
  }
  std::string_view take_bytes() {
    const auto size = take<std::uint64_t>();
    return {raw(size), size};
  }
  bool is_at_end() const { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace flott
