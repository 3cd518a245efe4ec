// Rows of Python programs as JSON or CSV, whole batches at once.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "arrow_capsule.h"
#include "flott/csv_writer.h"
#include "flott/json_texts.h"
#include "rows.h"

namespace nb = nanobind;

namespace {

using flott::Buffer;
using flott::ColumnBuilder;
using flott::FieldOrder;
using flott::item_of;
using flott::RowClass;
using flott::RowFields;
using flott::Slowly;

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
      texts_.push_back({static_cast<Text>(kind), key_of(nb::cast<std::string>(names[i]), i == 0),
                         nb::cast<long long>(parts[1]), nb::cast<long long>(parts[2])});
      ++i;
    }
    if (texts_.empty()) throw std::invalid_argument("a row has fields");
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
    return flott::exported(std::move(texts));
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
    RowFields fields;
    if (!order_.find(rows_, value, fields)) return false;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const FieldText& text = texts_[i];
      out.append(text.key.data(), text.key.size());
      if (!write_value(text, fields.at(static_cast<Py_ssize_t>(i)), out)) return false;
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
      return flott::write_json_real(number, out);
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
  std::vector<FieldText> texts_;
  Slowly slowly_;
};

}  // namespace

void bind_row_texts(nb::module_& module) {
  nb::class_<RowTexts>(module, "RowTexts")
      .def(nb::init<const RowClass&, nb::tuple, nb::list, nb::object, nb::object>(), nb::arg("rows"),
           nb::arg("names"), nb::arg("fields"), nb::arg("slowly"), nb::arg("csv").none() = nb::none())
      .def("write", &RowTexts::write, nb::arg("values"));
}
