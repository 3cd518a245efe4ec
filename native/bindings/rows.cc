// Rows of Python programs, whole batches at once: made from columns, and brought into the form of a
// declared type.
#include "rows.h"

#include <nanobind/nanobind.h>

#include "arrow_capsule.h"

namespace nb = nanobind;

namespace {

using flott::checked;
using flott::Column;
using flott::copy_of;
using flott::FieldOrder;
using flott::item_of;
using flott::put_item;
using flott::RowClass;
using flott::RowFields;
using flott::Slowly;
using flott::Storage;

// --- rows of columns -----------------------------------------------------------------------------

PyObject* value_at(const Column& column, std::int64_t row) {
  if (!column.is_valid(row)) return Py_NewRef(Py_None);
  switch (column.storage) {
    case Storage::kBool: return PyBool_FromLong(column.values<std::uint8_t>()[row]);
    case Storage::kInt8: return PyLong_FromLong(column.values<std::int8_t>()[row]);
    case Storage::kInt16: return PyLong_FromLong(column.values<std::int16_t>()[row]);
    case Storage::kInt32: return PyLong_FromLong(column.values<std::int32_t>()[row]);
    case Storage::kInt64: return PyLong_FromLongLong(column.values<std::int64_t>()[row]);
    case Storage::kFloat32: return PyFloat_FromDouble(column.values<float>()[row]);
    case Storage::kFloat64: return PyFloat_FromDouble(column.values<double>()[row]);
    default: {
      const std::string_view text = column.bytes(row);
      return PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
    }
  }
}

// A list of rows; columns hold signed numbers, booleans or texts.
nb::object make_rows(const RowClass& rows, nb::tuple names, nb::handle object) {
  auto frame = flott::import_frame(object);
  const auto width = static_cast<Py_ssize_t>(frame->width());
  std::vector<const Column*> columns;
  for (Py_ssize_t i = 0; i < width; ++i) columns.push_back(&frame->column(i));
  const Py_ssize_t count = frame->rows();
  nb::object made = checked(PyList_New(count));
  for (Py_ssize_t row = 0; row < count; ++row) {
    nb::object values = checked(PyList_New(width));
    for (Py_ssize_t i = 0; i < width; ++i) {
      PyObject* const value = value_at(*columns[i], row);
      if (!value) nb::raise_python_error();
      put_item(values.ptr(), i, value);
    }
    put_item(made.ptr(), row, rows.make(names.ptr(), rows.insert(), std::move(values)).release().ptr());
  }
  return made;
}

// --- rows of a declared type ---------------------------------------------------------------------

// What a value must be to stay as it is: of the class, if there is one, and right by the check.
struct FieldForm {
  nb::object type;   // null: anything
  nb::object check;  // null: nothing else to know
  bool is_bounded = false;
  long long least = 0, most = 0;

  bool is_right(PyObject* value) const {
    if (value == Py_None || !type.ptr()) return true;
    if (reinterpret_cast<PyObject*>(Py_TYPE(value)) != type.ptr()) return false;
    if (is_bounded) {
      int overflow = 0;
      const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
      return !overflow && least <= number && number <= most;
    }
    if (!check.ptr()) return true;
    const nb::object found = checked(PyObject_CallFunctionObjArgs(check.ptr(), value, nullptr));
    return nb::cast<bool>(found);
  }
};

class RowForm {
 public:
  // Fields are (class or None, check or None, least, most); least is None without bounds.
  RowForm(const RowClass& rows, nb::tuple names, nb::list fields, nb::object slowly)
      : rows_(rows), order_(std::move(names)), slowly_(std::move(slowly)) {
    for (nb::handle item : fields) {
      const auto parts = nb::cast<nb::tuple>(item);
      FieldForm& field = forms_.emplace_back();
      if (!parts[0].is_none()) field.type = nb::borrow(parts[0]);
      if (!parts[1].is_none()) field.check = nb::borrow(parts[1]);
      if (parts[2].is_none()) continue;
      field.is_bounded = true;
      field.least = nb::cast<long long>(parts[2]);
      field.most = nb::cast<long long>(parts[3]);
    }
  }

  nb::object convert(nb::handle value) { return convert_one(value.ptr(), 1); }

  // The list itself if it holds the right rows already.
  nb::object convert_all(nb::list values) {
    const Py_ssize_t count = PyList_Size(values.ptr());
    nb::object made;
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject* const value = item_of(values.ptr(), i);
      nb::object converted = convert_one(value, 0);
      if (!made.ptr() && converted.ptr() != value) made = copy_of(values.ptr());
      if (made.ptr()) PyList_SetItem(made.ptr(), i, converted.release().ptr());
    }
    return made.ptr() ? made : nb::object(values);
  }

 private:
  // `holders` are those of the row besides one.
  nb::object convert_one(PyObject* value, Py_ssize_t holders) {
    RowFields fields;
    if (!order_.find(rows_, value, fields) || !are_right(fields)) return slowly_(value);
    if (fields.order) return rows_.make(order_.names(), rows_.kind_of(value), picked(fields));
    if (fields.names != Py_None) return nb::borrow(value);
    // A row that nobody else holds is named; of any other a copy.
    if (holders == 0 && Py_REFCNT(value) == 1 && Py_REFCNT(fields.values) == 1) {
      rows_.set_names(value, order_.names());
      return nb::borrow(value);
    }
    return rows_.make(order_.names(), rows_.kind_of(value), copy_of(fields.values));
  }

  bool are_right(const RowFields& fields) const {
    for (Py_ssize_t i = 0; i < order_.count(); ++i) {
      if (!forms_[i].is_right(fields.at(i))) return false;
    }
    return true;
  }

  nb::object picked(const RowFields& fields) const {
    nb::object made = checked(PyList_New(order_.count()));
    for (Py_ssize_t i = 0; i < order_.count(); ++i) put_item(made.ptr(), i, Py_NewRef(fields.at(i)));
    return made;
  }

  const RowClass rows_;
  FieldOrder order_;
  std::vector<FieldForm> forms_;
  Slowly slowly_;
};

}  // namespace

void bind_rows(nb::module_& module) {
  nb::class_<RowClass>(module, "RowClass")
      .def(nb::init<nb::handle, nb::handle>(), nb::arg("type"), nb::arg("insert"))
      .def("make", &make_rows, nb::arg("names"), nb::arg("frame"));
  nb::class_<RowForm>(module, "RowForm")
      .def(nb::init<const RowClass&, nb::tuple, nb::list, nb::object>(), nb::arg("rows"), nb::arg("names"),
           nb::arg("fields"), nb::arg("slowly"))
      .def("convert", &RowForm::convert, nb::arg("value"))
      .def("convert_all", &RowForm::convert_all, nb::arg("values"));
}
