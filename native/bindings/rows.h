// Objects of a Python class of rows, as kernels read and make them.
//
// A row has three slots: names (a tuple or None), kind, values (a list). Where they are in it is found out
// once, by a probe. What is not plain goes to a function of Python given along, one row at a time.
#pragma once

#include <nanobind/nanobind.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace flott {

namespace nb = nanobind;

#ifdef Py_LIMITED_API
inline PyObject* item_of(PyObject* list, Py_ssize_t at) { return PyList_GetItem(list, at); }
inline void put_item(PyObject* list, Py_ssize_t at, PyObject* item) { PyList_SetItem(list, at, item); }
#else
inline PyObject* item_of(PyObject* list, Py_ssize_t at) { return PyList_GET_ITEM(list, at); }
inline void put_item(PyObject* list, Py_ssize_t at, PyObject* item) { PyList_SET_ITEM(list, at, item); }
#endif

inline nb::object checked(PyObject* made) {
  if (!made) nb::raise_python_error();
  return nb::steal(made);
}

inline nb::object copy_of(PyObject* list) { return checked(PyList_GetSlice(list, 0, PyList_Size(list))); }

// The class of rows, and where its slots are.
class RowClass {
 public:
  RowClass(nb::handle type, nb::handle insert) : type_(nb::borrow(type)), insert_(nb::borrow(insert)) {
    size_ = nb::cast<Py_ssize_t>(type.attr("__basicsize__"));
    names_ = find_slot("_names");
    kind_ = find_slot("_row_kind");
    values_ = find_slot("_values");
  }

  bool is_row(PyObject* object) const { return reinterpret_cast<PyObject*>(Py_TYPE(object)) == type_.ptr(); }
  PyObject* names_of(PyObject* row) const { return slot(row, names_); }
  PyObject* kind_of(PyObject* row) const { return slot(row, kind_); }
  PyObject* insert() const { return insert_.ptr(); }
  // The values if they are a list, as they should be.
  PyObject* values_of(PyObject* row) const {
    PyObject* const values = slot(row, values_);
    return values && Py_TYPE(values) == &PyList_Type ? values : nullptr;
  }

  // A new row; the list becomes its own.
  nb::object make(PyObject* names, PyObject* kind, nb::object values) const {
    nb::object row = checked(PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(type_.ptr()), 0));
    Py_INCREF(names);
    Py_INCREF(kind);
    slot(row.ptr(), names_) = names;
    slot(row.ptr(), kind_) = kind;
    slot(row.ptr(), values_) = values.release().ptr();
    return row;
  }
  void set_names(PyObject* row, PyObject* names) const {
    PyObject* const before = slot(row, names_);
    Py_INCREF(names);
    slot(row, names_) = names;
    Py_XDECREF(before);
  }

 private:
  PyObject*& slot(PyObject* row, Py_ssize_t offset) const {
    return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(row) + offset);
  }

  Py_ssize_t find_slot(const char* name) const {
    nb::object row = checked(PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(type_.ptr()), 0));
    nb::object mark = checked(PyList_New(0));
    if (PyObject_SetAttrString(row.ptr(), name, mark.ptr()) < 0) nb::raise_python_error();
    const auto word = static_cast<Py_ssize_t>(sizeof(PyObject*));
    for (Py_ssize_t at = sizeof(PyObject); at + word <= size_; at += word) {
      if (slot(row.ptr(), at) == mark.ptr()) return at;
    }
    throw std::invalid_argument("the class of rows keeps its fields elsewhere");
  }

  nb::object type_;
  nb::object insert_;
  Py_ssize_t size_ = 0, names_ = 0, kind_ = 0, values_ = 0;
};

// The fields of a row in the order of a declared type.
struct RowFields {
  PyObject* names;
  PyObject* values;
  const Py_ssize_t* order;  // null: as they stand

  PyObject* at(Py_ssize_t field) const { return item_of(values, order ? order[field] : field); }
};

// Finds the fields of rows by their names; most rows have the names of the one before.
class FieldOrder {
 public:
  explicit FieldOrder(nb::tuple names) : names_(std::move(names)), count_(static_cast<Py_ssize_t>(nb::len(names_))) {}

  PyObject* names() const { return names_.ptr(); }
  Py_ssize_t count() const { return count_; }

  // Whether the object is a row that has them all, and no more.
  bool find(const RowClass& rows, PyObject* object, RowFields& fields) {
    if (!rows.is_row(object)) return false;
    fields = {rows.names_of(object), rows.values_of(object), nullptr};
    if (!fields.names || !fields.values) return false;
    // Rows without names have their fields in the right order.
    const bool is_plain = fields.names == names_.ptr() || fields.names == Py_None;
    if (!is_plain) {
      if (fields.names != last_.ptr()) look_up(fields.names);
      if (!is_known_) return false;
      if (!order_.empty()) fields.order = order_.data();
    }
    return PyList_Size(fields.values) == (fields.order ? width_ : count_);
  }

 private:
  void look_up(PyObject* names) {
    order_.clear();
    is_known_ = PyTuple_Check(names);
    last_ = nb::borrow(names);
    if (!is_known_) return;
    const int equal = PyObject_RichCompareBool(names, names_.ptr(), Py_EQ);
    if (equal < 0) nb::raise_python_error();
    if (equal) return;
    for (Py_ssize_t i = 0; i < count_; ++i) {
      const Py_ssize_t at = PySequence_Index(names, PyTuple_GetItem(names_.ptr(), i));
      if (at < 0) {
        PyErr_Clear();
        is_known_ = false;
        return;
      }
      order_.push_back(at);
    }
    width_ = PyTuple_Size(names);
  }

  nb::tuple names_;
  Py_ssize_t count_;
  nb::object last_;
  std::vector<Py_ssize_t> order_;  // empty: that of the type
  Py_ssize_t width_ = 0;           // values of a row whose fields are in another order
  bool is_known_ = true;
};

// Calls of one function of Python.
class Slowly {
 public:
  explicit Slowly(nb::object call) : call_(std::move(call)) {}
  nb::object operator()(PyObject* value) const {
    return checked(PyObject_CallFunctionObjArgs(call_.ptr(), value, nullptr));
  }

 private:
  nb::object call_;
};

}  // namespace flott
