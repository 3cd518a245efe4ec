// Rows of Python programs, whole batches at once: made from columns, brought into the form of a
// declared type, written as JSON.
//
// A row is an object of a Python class with three slots: names (a tuple or None), kind, values (a
// list). Where they are in it is found out once, by a probe. What is not plain goes to a function
// of Python given along, one row at a time.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "arrow_capsule.h"
#include "flott/csv_writer.h"
#include "flott/json_texts.h"

namespace nb = nanobind;

namespace {

using flott::Buffer;
using flott::Column;
using flott::ColumnBuilder;
using flott::Storage;

#ifdef Py_LIMITED_API
inline PyObject* item_of(PyObject* list, Py_ssize_t at) { return PyList_GetItem(list, at); }
inline void put_item(PyObject* list, Py_ssize_t at, PyObject* item) { PyList_SetItem(list, at, item); }
#else
inline PyObject* item_of(PyObject* list, Py_ssize_t at) { return PyList_GET_ITEM(list, at); }
inline void put_item(PyObject* list, Py_ssize_t at, PyObject* item) { PyList_SET_ITEM(list, at, item); }
#endif

nb::object checked(PyObject* made) {
  if (!made) nb::raise_python_error();
  return nb::steal(made);
}

nb::object copy_of(PyObject* list) { return checked(PyList_GetSlice(list, 0, PyList_Size(list))); }

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

// Where the fields of a row stand, by its names; most rows have the names of the one before.
class FieldOrder {
 public:
  explicit FieldOrder(nb::tuple names) : names_(std::move(names)), count_(static_cast<Py_ssize_t>(nb::len(names_))) {}

  PyObject* names() const { return names_.ptr(); }
  Py_ssize_t count() const { return count_; }
  // Null if the fields are in the right order, which holds for rows without names.
  // `is_known` is false if the row lacks one.
  const Py_ssize_t* of(PyObject* names, bool& is_known) {
    is_known = true;
    if (names == names_.ptr() || names == Py_None) return nullptr;
    if (names != last_.ptr()) look_up(names);
    is_known = is_known_;
    return order_.empty() ? nullptr : order_.data();
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

 public:
  // How many values a row must have whose fields are in another order.
  Py_ssize_t width() const { return width_; }

 private:
  nb::tuple names_;
  Py_ssize_t count_;
  nb::object last_;
  std::vector<Py_ssize_t> order_;
  Py_ssize_t width_ = 0;
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
      FieldForm& field = fields_.emplace_back();
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
    PyObject* const values = rows_.is_row(value) ? rows_.values_of(value) : nullptr;
    if (!values) return slowly_(value);
    PyObject* const names = rows_.names_of(value);
    bool is_known;
    const Py_ssize_t* const order = names ? order_.of(names, is_known) : nullptr;
    if (!names || !is_known || !are_right(values, order)) return slowly_(value);
    if (order) return rows_.make(order_.names(), rows_.kind_of(value), picked(values, order));
    if (names != Py_None) return nb::borrow(value);
    // A row that nobody else holds is named; of any other a copy.
    if (holders == 0 && Py_REFCNT(value) == 1 && Py_REFCNT(values) == 1) {
      rows_.set_names(value, order_.names());
      return nb::borrow(value);
    }
    return rows_.make(order_.names(), rows_.kind_of(value), copy_of(values));
  }

  bool are_right(PyObject* values, const Py_ssize_t* order) const {
    const Py_ssize_t count = order_.count();
    if (PyList_Size(values) != (order ? order_.width() : count)) return false;
    for (Py_ssize_t i = 0; i < count; ++i) {
      if (!fields_[i].is_right(item_of(values, order ? order[i] : i))) return false;
    }
    return true;
  }

  nb::object picked(PyObject* values, const Py_ssize_t* order) const {
    nb::object made = checked(PyList_New(order_.count()));
    for (Py_ssize_t i = 0; i < order_.count(); ++i) put_item(made.ptr(), i, Py_NewRef(item_of(values, order[i])));
    return made;
  }

  const RowClass rows_;
  FieldOrder order_;
  std::vector<FieldForm> fields_;
  Slowly slowly_;
};

// --- rows as JSON, and as CSV --------------------------------------------------------------------

// Beyond these the digits of a number are written with an exponent.
constexpr double kPlainLeast = 1e-4, kPlainMost = 1e15;

enum class Text : std::uint8_t { kBool, kWhole, kReal, kString };

struct FieldText {
  Text kind;
  std::string key;  // what stands before the value
  long long least, most;
};

class RowTexts {
 public:
  // Fields are (kind, least, most). `csv` is (delimiter, quote or "", text of NULL, line end), or None
  // for JSON.
  RowTexts(const RowClass& rows, nb::tuple names, nb::list fields, nb::object slowly, nb::object csv)
      : rows_(rows), order_(names), slowly_(std::move(slowly)) {
    if (!csv.is_none()) {
      const auto parts = nb::cast<nb::tuple>(csv);
      const auto text = [&](int i) { return nb::cast<std::string>(parts[i]); };
      csv_ = flott::CsvStyle{text(0)[0], text(1).empty() ? '\0' : text(1)[0], text(2), false, text(3)};
    }
    Py_ssize_t i = 0;
    for (nb::handle item : fields) {
      const auto parts = nb::cast<nb::tuple>(item);
      const int kind = nb::cast<int>(parts[0]);
      if (kind < 0 || kind > static_cast<int>(Text::kString)) throw std::invalid_argument("no kind of text");
      fields_.push_back({static_cast<Text>(kind), key_of(nb::cast<std::string>(names[i]), i == 0),
                         nb::cast<long long>(parts[1]), nb::cast<long long>(parts[2])});
      ++i;
    }
    if (fields_.empty()) throw std::invalid_argument("a row has fields");
  }

  // A column of texts.
  nb::object write(nb::list values) {
    ColumnBuilder texts(flott::ColumnType{"vz", "value", {}});
    Buffer text;
    const Py_ssize_t count = PyList_Size(values.ptr());
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject* const value = item_of(values.ptr(), i);
      text.shrink(0);
      if (write_row(value, text)) {
        text.reserve(text.size() + ColumnBuilder::kReadAhead);
        texts.push_padded(text.data(), text.size());
        continue;
      }
      const nb::object slow = slowly_(value);
      char* bytes = nullptr;
      Py_ssize_t size = 0;
      if (PyBytes_AsStringAndSize(slow.ptr(), &bytes, &size) < 0) nb::raise_python_error();
      texts.push_bytes({bytes, static_cast<std::size_t>(size)});
    }
    flott::Batch batch;
    batch.add(std::move(texts));
    return nb::cast(flott::export_frame(std::move(batch)), nb::rv_policy::take_ownership);
  }

 private:
  std::string key_of(const std::string& name, bool is_first) const {
    if (csv_) return is_first ? std::string() : std::string(1, csv_->delimiter);
    Buffer key;
    flott::write_json_raw(is_first ? "{" : ",", key);
    flott::write_json_text(name, key);
    flott::write_json_raw(":", key);
    return {key.data(), key.size()};
  }

  bool write_row(PyObject* value, Buffer& out) {
    PyObject* const values = rows_.is_row(value) ? rows_.values_of(value) : nullptr;
    if (!values) return false;
    PyObject* const names = rows_.names_of(value);
    bool is_known;
    const Py_ssize_t* const order = names ? order_.of(names, is_known) : nullptr;
    if (!names || !is_known) return false;
    if (PyList_Size(values) != (order ? order_.width() : order_.count())) return false;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const FieldText& field = fields_[i];
      out.append(field.key.data(), field.key.size());
      const auto at = static_cast<Py_ssize_t>(i);
      if (!write_value(field, item_of(values, order ? order[at] : at), out)) return false;
    }
    flott::write_json_raw(csv_ ? std::string_view(csv_->line_end) : "}", out);
    return true;
  }

  bool write_value(const FieldText& field, PyObject* value, Buffer& out) const {
    if (value == Py_None) {
      flott::write_json_raw(csv_ ? std::string_view(csv_->null_text) : "null", out);
      return true;
    }
    const PyTypeObject* const type = Py_TYPE(value);
    switch (field.kind) {
      case Text::kBool:
        if (type != &PyBool_Type) return false;
        flott::write_json_raw(value == Py_True ? "true" : "false", out);
        return true;
      case Text::kWhole: {
        if (type != &PyLong_Type) return false;
        int overflow = 0;
        const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow || number < field.least || number > field.most) return false;
        flott::write_json_whole(number, out);
        return true;
      }
      case Text::kReal: return type == &PyFloat_Type && write_real(PyFloat_AsDouble(value), out);
      case Text::kString: return type == &PyUnicode_Type && write_string(value, out);
    }
    return false;
  }

  bool write_real(double number, Buffer& out) const {
    if (csv_) {
      if (!std::isfinite(number)) return false;
      flott::write_json_real(number, out);
      return true;
    }
    const double size = std::fabs(number);
    if (size != 0 && !(size >= kPlainLeast && size < kPlainMost)) return false;
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed).ptr;
    const std::string_view text(digits, static_cast<std::size_t>(end - digits));
    out.append(text.data(), text.size());
    if (text.find('.') == std::string_view::npos) flott::write_json_raw(".0", out);
    return true;
  }

  bool write_string(PyObject* value, Buffer& out) const {
    Py_ssize_t size = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(value, &size);
    if (!text) {
      PyErr_Clear();  // half of a pair of surrogates
      return false;
    }
    const std::string_view characters(text, static_cast<std::size_t>(size));
    if (csv_) return flott::write_csv_text(characters, *csv_, out);
    flott::write_json_text(characters, out);
    return true;
  }

  const RowClass rows_;
  FieldOrder order_;
  std::optional<flott::CsvStyle> csv_;
  std::vector<FieldText> fields_;
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
  nb::class_<RowTexts>(module, "RowTexts")
      .def(nb::init<const RowClass&, nb::tuple, nb::list, nb::object, nb::object>(), nb::arg("rows"),
           nb::arg("names"), nb::arg("fields"), nb::arg("slowly"), nb::arg("csv").none() = nb::none())
      .def("write", &RowTexts::write, nb::arg("values"));
}
