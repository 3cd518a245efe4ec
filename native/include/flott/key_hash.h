// A stable hash of Python keys: the same value in every process, on every run, for ever.
//
// Python salts hash() of str and bytes in each process, so it cannot say which worker owns a key.
// The rules here (docs/decisions/0001-key-hash.md tells why; golden values are under test):
//
//   number            mix64 of Python's hash(), which is not salted and equal for equal numbers:
//                     1, 1.0, True, Decimal(1) are one key; every NaN hashes alike
//   str               XXH64 of the UTF-8 bytes, seed 0
//   bytes             XXH64 of the bytes, seed 1
//   None              a constant
//   tuple             the elements in order, then a NamedTuple hashes as the tuple it equals
//   frozenset         the elements in any order
//   anything else     the canonical value of these types that flott.kernels.key_hash.canonical returns
//
// A subclass of these types counts as its base as long as it inherits the base's hash. `canonical`
// raises TypeError for what cannot be a key.
#pragma once

#include <Python.h>

#include <cstdint>

namespace flott {

// Returns the hash, of which callers use the low 32 bits; throws nanobind::python_error.
std::uint64_t hash_key(PyObject* key);

}  // namespace flott
