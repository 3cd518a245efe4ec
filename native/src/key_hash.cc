// Layout: no state but one reference kept for ever, to the Python function `canonical`.
//
// A key is dispatched on its exact type first, since nearly all keys are exactly str or int. Only then
// on the hash slot its type inherits, which is how a subclass says that it is equal to its base's values.
// References: keys come borrowed from a list. Whatever can run Python code (the canonical function) could
// drop them, so containers are held while their elements are hashed.
#include "flott/key_hash.h"

#include <nanobind/nanobind.h>

#include <cmath>

#include "flott/hash.h"

namespace nb = nanobind;

namespace flott {
namespace {

constexpr std::uint64_t kStrSeed = 0;
constexpr std::uint64_t kBytesSeed = 1;
constexpr std::uint64_t kNone = mix64(0x6E6F6E65);  // the ASCII codes of "none", and so on
constexpr std::uint64_t kNaN = mix64(0x6E616E);
constexpr std::uint64_t kTuple = 0x7475706C65;
constexpr std::uint64_t kFrozenSet = 0x66736574;

std::uint64_t hash_number(PyObject* key) {
  const Py_hash_t hash = PyObject_Hash(key);
  if (hash == -1 && PyErr_Occurred()) nb::raise_python_error();
  return mix64(static_cast<std::uint64_t>(hash));
}

std::uint64_t hash_float(PyObject* key) {
  // hash(nan) is the object's address since Python 3.10.
  return std::isnan(PyFloat_AsDouble(key)) ? kNaN : hash_number(key);
}

std::uint64_t hash_str(PyObject* key) {
  Py_ssize_t size;
  const char* utf8 = PyUnicode_AsUTF8AndSize(key, &size);
  if (utf8) return hash_bytes(utf8, static_cast<std::size_t>(size), kStrSeed);
  if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) nb::raise_python_error();
  PyErr_Clear();  // half of a surrogate pair: rare, legal in a str, not in UTF-8
  const nb::object bytes =
      nb::steal(PyUnicode_AsEncodedString(key, "utf-8", "surrogatepass"));
  if (!bytes.is_valid()) nb::raise_python_error();
  return hash_key(bytes.ptr());
}

std::uint64_t hash_bytes_object(PyObject* key) {
  char* data;
  Py_ssize_t size;
  if (PyBytes_AsStringAndSize(key, &data, &size) < 0) nb::raise_python_error();
  return hash_bytes(data, static_cast<std::size_t>(size), kBytesSeed);
}

std::uint64_t hash_tuple(PyObject* key) {
  const nb::object held = nb::borrow(key);
  const Py_ssize_t size = PyTuple_Size(key);
  std::uint64_t hash = mix64(kTuple + static_cast<std::uint64_t>(size));
  for (Py_ssize_t i = 0; i < size; ++i) {
    hash = mix64(hash * xxh64::kPrime1 + hash_key(PyTuple_GetItem(key, i)));
  }
  return hash;
}

std::uint64_t hash_frozen_set(PyObject* key) {
  std::uint64_t hash = 0;
  std::uint64_t size = 0;
  for (nb::handle element : nb::borrow(key)) {
    hash ^= mix64(hash_key(element.ptr()) + xxh64::kPrime1);
    ++size;
  }
  return mix64(kFrozenSet + size + hash);
}

std::uint64_t hash_canonical(PyObject* key) {
  // Looked up when the first such key comes, which makes the order of imports no concern.
  static PyObject* const function =
      nb::object(nb::module_::import_("flott.kernels.key_hash").attr("canonical")).release().ptr();
  if (Py_EnterRecursiveCall(" while hashing a key")) nb::raise_python_error();
  struct Leave {
    ~Leave() { Py_LeaveRecursiveCall(); }
  } leave;
  const nb::object held = nb::borrow(key);
  const nb::object canonical = nb::steal(PyObject_CallFunctionObjArgs(function, key, nullptr));
  if (!canonical.is_valid()) nb::raise_python_error();
  return hash_key(canonical.ptr());
}

std::uint64_t hash_by_slot(PyObject* key) {
  const auto slot_of = [](PyTypeObject* type) { return PyType_GetSlot(type, Py_tp_hash); };
  static const void* const of_int = slot_of(&PyLong_Type);
  static const void* const of_float = slot_of(&PyFloat_Type);
  static const void* const of_str = slot_of(&PyUnicode_Type);
  static const void* const of_bytes = slot_of(&PyBytes_Type);
  static const void* const of_tuple = slot_of(&PyTuple_Type);
  static const void* const of_frozen_set = slot_of(&PyFrozenSet_Type);
  const void* const slot = slot_of(Py_TYPE(key));
  if (slot == of_int) return hash_number(key);
  if (slot == of_str) return hash_str(key);
  if (slot == of_tuple) return hash_tuple(key);
  if (slot == of_float) return hash_float(key);
  if (slot == of_bytes) return hash_bytes_object(key);
  if (slot == of_frozen_set) return hash_frozen_set(key);
  return hash_canonical(key);
}

}  // namespace

std::uint64_t hash_key(PyObject* key) {
  PyTypeObject* const type = Py_TYPE(key);
  if (type == &PyUnicode_Type) return hash_str(key);
  if (type == &PyLong_Type) return hash_number(key);
  if (type == &PyTuple_Type) return hash_tuple(key);
  if (key == Py_None) return kNone;
  return hash_by_slot(key);
}

}  // namespace flott
