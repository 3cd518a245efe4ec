// Python face of key_hash.h.
#include "flott/key_hash.h"

#include <nanobind/nanobind.h>

namespace nb = nanobind;

void bind_key_hash(nb::module_& module) {
  module.def(
      "key_hash", [](nb::handle key) { return static_cast<std::uint32_t>(flott::hash_key(key.ptr())); },
      nb::arg("key").none());
}
