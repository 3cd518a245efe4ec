// Checks hash.h against the values that the authors of XXH64 and MurmurHash3 publish.
#include "flott/hash.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

int failures = 0;

void expect(const char* what, std::uint64_t actual, std::uint64_t expected) {
  if (actual == expected) return;
  std::printf("%s: expected %016llx, got %016llx\n", what, static_cast<unsigned long long>(expected),
              static_cast<unsigned long long>(actual));
  ++failures;
}

std::uint64_t hash_text(const std::string& text, std::uint64_t seed = 0) {
  return flott::hash_bytes(text.data(), text.size(), seed);
}

// The buffer of xxHash's own sanity check: the high bytes of a product that is squared at each step.
std::string sanity_buffer(std::size_t size) {
  std::string buffer;
  std::uint64_t product = 2654435761U;
  for (std::size_t i = 0; i < size; ++i) {
    buffer.push_back(static_cast<char>(product >> 56));
    product *= 11400714785074694797ULL;
  }
  return buffer;
}

}  // namespace

int main() {
  expect("empty", hash_text(""), 0xEF46DB3751D8E999ULL);
  expect("a", hash_text("a"), 0xD24EC4F1A98C6E5BULL);
  expect("abc", hash_text("abc"), 0x44BC2CF5AD770999ULL);
  expect("sanity 1", hash_text(sanity_buffer(1)), 0xE934A84ADB052768ULL);
  expect("sanity 14", hash_text(sanity_buffer(14)), 0x8282DCC4994E35C8ULL);
  expect("sanity 222", hash_text(sanity_buffer(222)), 0xB641AE8CB691C174ULL);
  expect("sanity 222, seeded", hash_text(sanity_buffer(222), 2654435761U), 0x20CB8AB7AE10C14AULL);
  expect("mix64 of 0", flott::mix64(0), 0);
  expect("mix64 of 1", flott::mix64(1), 0xB456BCFC34C2CB2CULL);
  if (failures == 0) std::puts("hash_test: ok");
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
