// See text_store.h for the layout.
#include "flott/text_store.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "flott/hash.h"

namespace flott {
namespace {

constexpr std::size_t kRecentMin = 64;
constexpr std::size_t kRecentMax = std::size_t{1} << 16;
constexpr std::size_t kSeen = std::size_t{1} << 12;
// So many texts decide whether it is worth looking, and so many are then kept without.
constexpr std::uint32_t kTrial = 8192;
constexpr std::uint32_t kPause = 1u << 18;

}  // namespace

std::uint32_t TextStore::hash_of(std::string_view bytes) {
  // 0 says that there is none yet.
  return static_cast<std::uint32_t>(hash_bytes(bytes.data(), bytes.size(), 0)) | 1;
}

TextStore::Seen& TextStore::place_of(const char* at) {
  return seen_[(reinterpret_cast<std::uintptr_t>(at) * 0x9E3779B97F4A7C15ULL >> 40) & (kSeen - 1)];
}

// Each pass needs in the cache what the one before has asked for. Hashes of texts that were not seen.
void TextStore::prefetch_block(std::span<const std::string_view> texts, std::uint32_t* hashes) {
  for (const std::string_view text : texts) __builtin_prefetch(&place_of(text.data()));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Seen& seen = place_of(texts[i].data());
    if (is_seen(seen, texts[i])) {
      __builtin_prefetch(&header(seen.text), 1);
      hashes[i] = 0;
    } else {
      hashes[i] = hash_of(texts[i]);
      __builtin_prefetch(places_of(hashes[i]));
    }
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!hashes[i]) continue;
    const Recent* const places = places_of(hashes[i]);
    for (std::size_t way = 0; way < kWays; ++way) {
      if (places[way].text && places[way].hash == hashes[i]) prefetch(places[way].text);
    }
  }
}

void TextStore::keep(std::span<const std::string_view> texts, TextAddress* out) {
  assert(texts.size() <= kBlock);
  if (seen_.empty()) seen_.resize(kSeen);
  if (recent_.empty()) recent_.resize(kRecentMin);
  std::uint32_t hashes[kBlock] = {};
  if (!pause_) prefetch_block(texts, hashes);
  for (std::size_t i = 0; i < texts.size(); ++i) out[i] = keep_one(texts[i], hashes[i]);
}

TextAddress TextStore::keep_one(std::string_view bytes, std::uint32_t hash) {
  if (pause_) {
    --pause_;
    return keep_plain(bytes);
  }
  Seen& seen = place_of(bytes.data());
  if (is_seen(seen, bytes)) {
    ++header(seen.text).uses;
    return seen.text;
  }
  const TextAddress text = keep_shared(bytes, hash ? hash : hash_of(bytes));
  seen = Seen{bytes.data(), frame_, text, bytes.size()};
  return text;
}

TextStore::Recent* TextStore::places_of(std::uint32_t hash) {
  return &recent_[hash & (recent_.size() - 1) & ~(kWays - 1)];
}

// The text that was kept last stands first, and pushes out the one kept longest ago.
void TextStore::remember(const Recent& text) {
  Recent* const places = places_of(text.hash);
  std::copy_backward(places, places + kWays - 1, places + kWays);
  places[0] = text;
}

TextAddress TextStore::keep_shared(std::string_view bytes, std::uint32_t hash) {
  if (++looks_ == kTrial) judge();
  const Recent* const places = places_of(hash);
  for (std::size_t i = 0; i < kWays; ++i) {
    const Recent& at = places[i];
    if (!at.text || at.hash != hash || at.size != bytes.size()) continue;
    if (std::memcmp(chars(at.text), bytes.data(), bytes.size()) != 0) continue;
    ++found_;
    ++header(at.text).uses;
    return at.text;
  }
  if (++added_ > recent_.size() && recent_.size() < kRecentMax) grow();
  char* const block = arena_.allocate(sizeof(Header) + bytes.size());
  *reinterpret_cast<Header*>(block) = Header{1, 0, 0};
  std::memcpy(block + sizeof(Header), bytes.data(), bytes.size());
  const TextAddress text = reinterpret_cast<TextAddress>(block + sizeof(Header)) | kShared;
  remember(Recent{text, hash, static_cast<std::uint32_t>(bytes.size())});
  return text;
}

TextAddress TextStore::keep_plain(std::string_view bytes) {
  char* const block = arena_.allocate(bytes.size());
  std::memcpy(block, bytes.data(), bytes.size());
  return reinterpret_cast<TextAddress>(block);
}

// Texts seen at the same place of a frame are not looked for: those are found for nothing.
void TextStore::judge() {
  if (found_ < looks_ / 16) pause_ = kPause;
  looks_ = found_ = 0;
}

void TextStore::grow() {
  std::vector<Recent> old(recent_.size() * 4);
  old.swap(recent_);
  for (const Recent& each : old) {
    if (each.text) remember(each);
  }
  added_ = 0;
}

void TextStore::release(TextAddress text, std::size_t size) {
  if (!(text & kShared)) return arena_.free(reinterpret_cast<char*>(text), size);
  if (--header(text).uses) return;
  Recent* const places = places_of(hash_of({chars(text), size}));
  for (std::size_t i = 0; i < kWays; ++i) {
    if (places[i].text == text) places[i] = Recent{};
  }
  arena_.free(reinterpret_cast<char*>(&header(text)), sizeof(Header) + size);
}

void TextStore::clear() {
  arena_.clear();
  recent_ = {};
  seen_ = {};
  looks_ = found_ = added_ = pause_ = 0;
}

void TextStore::write(TextAddress text, std::string_view bytes, ColumnBuilder& out, ArrowView& entry) {
  if (!(text & kShared)) return out.keep_long(bytes, entry);
  Header& at = header(text);
  if (at.mark && at.mark == out.chars_mark()) {
    entry.buffer = out.last_chars();
    entry.offset = at.offset;
    return;
  }
  out.keep_long(bytes, entry);
  at.mark = out.chars_mark();
  at.offset = entry.offset;
}

}  // namespace flott
