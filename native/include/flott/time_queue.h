// Row ids by a time, taken out when the time has come: buckets of equal width in a tree.
//
// Whole buckets go out as they are; only the one that the limit cuts is looked through.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace flott {

class TimeQueue {
 public:
  struct Entry {
    std::int64_t time;
    std::uint32_t row;
    std::uint32_t serial;  // tells rows apart that had the same id
  };

  // A bucket is 2^`shift` units of time wide.
  explicit TimeQueue(int shift = 10) : shift_(shift) {}

  void push(const Entry& entry) {
    const std::int64_t bucket = entry.time >> shift_;
    if (!last_ || bucket != last_bucket_) {
      last_ = &buckets_[bucket];
      last_bucket_ = bucket;
    }
    last_->push_back(entry);
    ++size_;
  }

  // Appends to `out` the entries with time <= limit, in no particular order.
  void take(std::int64_t limit, std::vector<Entry>& out) {
    last_ = nullptr;
    const std::int64_t border = limit >> shift_;
    auto it = buckets_.begin();
    for (; it != buckets_.end() && it->first < border; it = buckets_.erase(it)) {
      out.insert(out.end(), it->second.begin(), it->second.end());
      size_ -= it->second.size();
    }
    if (it == buckets_.end() || it->first != border) return;
    std::vector<Entry>& entries = it->second;
    std::size_t kept = 0;
    for (const Entry& entry : entries) {
      if (entry.time <= limit) out.push_back(entry); else entries[kept++] = entry;
    }
    size_ -= entries.size() - kept;
    entries.resize(kept);
    if (!kept) buckets_.erase(it);
  }

  void clear() {
    buckets_.clear();
    last_ = nullptr;
    size_ = 0;
  }
  bool empty() const { return size_ == 0; }
  // A time that nothing in the queue is before; only if not empty.
  std::int64_t earliest() const {
    std::int64_t earliest = INT64_MAX;
    for (const Entry& entry : buckets_.begin()->second) earliest = std::min(earliest, entry.time);
    return earliest;
  }
  std::size_t memory_bytes() const { return size_ * sizeof(Entry); }

 private:
  int shift_;
  std::map<std::int64_t, std::vector<Entry>> buckets_;
  std::vector<Entry>* last_ = nullptr;
  std::int64_t last_bucket_ = 0;
  std::size_t size_ = 0;
};

}  // namespace flott
