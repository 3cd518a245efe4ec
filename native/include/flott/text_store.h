// Long texts of rows: those that come again are kept once.
//
// Streams repeat themselves: names, addresses, categories. A text that is kept is looked for among
// those kept lately, in a table that forgets (its places hold the last few texts of a hash); one that
// is found is used once more. Where texts do not repeat, they are kept without looking and without the
// header that counts their uses, and looked at again after a while.
//
//   plain    chars
//   shared   header | chars     the address has its lowest bit set
//
// A shared text also knows where the column that is being written has it, so that it is written once.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "flott/byte_arena.h"
#include "flott/column_builder.h"

namespace flott {

// A text in the store: its address, tagged.
using TextAddress = std::uintptr_t;

class TextStore {
 public:
  // So many texts are kept at once: what each looks at in memory comes near while others are hashed.
  static constexpr std::size_t kBlock = 128;

  // Before the rows of a frame are kept: addresses in it say nothing about those of the last one.
  void start_frame() { ++frame_; }
  // Keeps long texts that lie in the frame at work, at most kBlock of them.
  void keep(std::span<const std::string_view> texts, TextAddress* out);
  // Keeps a text that is not looked for, of any size but 0.
  TextAddress keep_plain(std::string_view bytes);
  void release(TextAddress text, std::size_t size);
  void clear();
  std::size_t memory_bytes() const {
    return arena_.memory_bytes() + recent_.capacity() * sizeof(Recent) + seen_.capacity() * sizeof(Seen);
  }

  static void prefetch(TextAddress text) {
    const char* const at = chars(text);
    __builtin_prefetch(text & kShared ? at - sizeof(Header) : at);
    __builtin_prefetch(at + 48);
  }
  static const char* chars(TextAddress text) { return reinterpret_cast<const char*>(text & ~kShared); }
  // The entry of a view column for a text, whose chars the column then has.
  static void write(TextAddress text, std::string_view bytes, ColumnBuilder& out, ArrowView& entry);

 private:
  static constexpr TextAddress kShared = 1;

  struct Header {
    std::uint32_t uses;
    std::int32_t offset;  // in the buffer of chars that has `mark`
    std::uint64_t mark;
  };
  static_assert(sizeof(Header) == 16);
  struct Recent {
    TextAddress text = 0;
    std::uint32_t hash = 0;
    std::uint32_t size = 0;
  };
  // What a place in the frame at work was kept as.
  struct Seen {
    const char* at = nullptr;
    std::uint64_t frame = 0;
    TextAddress text = 0;
    std::size_t size = 0;
  };

  static Header& header(TextAddress text) {
    return *(reinterpret_cast<Header*>(text & ~kShared) - 1);
  }
  // Texts of one place of the table: a cache line of them.
  static constexpr std::size_t kWays = 4;

  static std::uint32_t hash_of(std::string_view bytes);
  Seen& place_of(const char* at);
  bool is_seen(const Seen& seen, std::string_view bytes) const {
    return seen.at == bytes.data() && seen.frame == frame_ && seen.size == bytes.size();
  }
  Recent* places_of(std::uint32_t hash);
  void remember(const Recent& text);
  void prefetch_block(std::span<const std::string_view> texts, std::uint32_t* hashes);
  TextAddress keep_one(std::string_view bytes, std::uint32_t hash);
  TextAddress keep_shared(std::string_view bytes, std::uint32_t hash);
  void grow();
  void judge();

  ByteArena arena_;
  std::vector<Recent> recent_;
  std::vector<Seen> seen_;
  std::uint64_t frame_ = 0;
  std::uint32_t looks_ = 0;   // since the last judgement
  std::uint32_t found_ = 0;   // of them
  std::uint32_t added_ = 0;   // since the table has its size
  std::uint32_t pause_ = 0;   // texts that are kept without looking
};

}  // namespace flott
