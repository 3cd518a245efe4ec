// Python face of hash partitioning of frames, and of the bytes their rows travel as.
#include <nanobind/nanobind.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "arrow_capsule.h"
#include "flott/batch_pack.h"
#include "flott/column_hash.h"
#include "flott/join_step.h"
#include "flott/partition.h"

namespace nb = nanobind;

namespace {

using flott::ArrowFrame;

std::vector<const flott::Column*> columns_at(flott::Frame& frame, const std::vector<std::size_t>& positions) {
  std::vector<const flott::Column*> columns;
  for (std::size_t position : positions) columns.push_back(&frame.column(position));
  return columns;
}

std::vector<std::uint32_t> targets_of(flott::Frame& frame, const std::vector<std::size_t>& positions,
                                      const flott::Parallelism& spread, bool as_groups) {
  const auto columns = columns_at(frame, positions);
  const auto rows = static_cast<std::size_t>(frame.rows());
  std::vector<std::uint32_t> targets(rows);
  std::uint64_t hashes[1024];
  for (std::size_t first = 0; first < rows; first += 1024) {
    const std::size_t count = std::min<std::size_t>(1024, rows - first);
    flott::hash_rows(columns, static_cast<std::int64_t>(first), static_cast<std::int64_t>(count), hashes);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t group = flott::key_group_of(hashes[i], spread.max_parallelism);
      targets[first + i] = as_groups ? group : spread.subtask(group);
    }
  }
  return targets;
}

ArrowFrame* column_targets(nb::handle object, const std::vector<std::size_t>& positions,
                           std::int64_t max_parallelism, std::int64_t parallelism, bool as_groups) {
  const flott::Parallelism spread(max_parallelism, parallelism);
  auto frame = flott::import_frame(object);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    const auto targets = targets_of(*frame, positions, spread, as_groups);
    batch.add(flott::slot_column(targets.data(), frame->rows()));
  }
  return flott::export_frame(std::move(batch));
}

// Row numbers by receiver, one after the other, and how many each receiver has.
nb::tuple scatter_rows(nb::handle object, const std::vector<std::size_t>& positions,
                       std::int64_t max_parallelism, std::int64_t parallelism) {
  const flott::Parallelism spread(max_parallelism, parallelism);
  auto frame = flott::import_frame(object);
  std::vector<std::int64_t> counts(spread.parallelism, 0);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    const auto targets = targets_of(*frame, positions, spread, false);
    for (std::uint32_t target : targets) ++counts[target];
    std::vector<std::int64_t> next(spread.parallelism, 0);
    for (std::size_t i = 1; i < counts.size(); ++i) next[i] = next[i - 1] + counts[i - 1];
    flott::ColumnBuilder column(flott::ColumnType{"I", "f0", {}});
    auto* const rows = column.extend<std::uint32_t>(frame->rows());
    for (std::size_t i = 0; i < targets.size(); ++i) rows[next[targets[i]]++] = static_cast<std::uint32_t>(i);
    batch.add(std::move(column));
  }
  return nb::make_tuple(flott::exported(std::move(batch)), counts);
}

// The row numbers in a UInt32 series, which `held` keeps.
std::span<const std::uint32_t> row_numbers(nb::handle rows, std::unique_ptr<flott::Frame>& held) {
  held = flott::import_frame(rows);
  const flott::Column& column = held->column(0);
  if (column.storage != flott::Storage::kInt32 || column.has_nulls()) throw nb::type_error("rows are UInt32");
  return {column.values<std::uint32_t>(), static_cast<std::size_t>(held->rows())};
}

// Rows of a frame; None where a column is of texts, which Polars shares, or nested.
nb::object take_rows(nb::handle object, nb::handle rows) {
  const auto frame = flott::import_frame(object);
  const auto& types = frame->types();
  const auto is_bytes = [](const flott::ColumnType& type) { return type.storage() == flott::Storage::kBytes; };
  if (std::any_of(types.begin(), types.end(), is_bytes)) return nb::none();
  std::unique_ptr<flott::Frame> held;
  const std::span<const std::uint32_t> numbers = row_numbers(rows, held);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    const auto end = static_cast<std::uint64_t>(frame->rows());
    if (std::any_of(numbers.begin(), numbers.end(), [&](std::uint32_t row) { return row >= end; })) {
      throw std::out_of_range("there is no such row");
    }
    for (std::size_t c = 0; c < types.size(); ++c) {
      flott::ColumnBuilder column(types[c]);
      flott::gather_frame(frame->column(c), numbers, column);
      batch.add(std::move(column));
    }
  }
  return flott::exported(std::move(batch));
}

// Rows of a frame as bytes, all of them without `rows`; None where a column is nested.
nb::object pack_rows(nb::handle object, nb::handle rows) {
  const auto frame = flott::import_frame(object);
  if (!flott::BatchPacker::takes(*frame)) return nb::none();
  std::unique_ptr<flott::Frame> chosen;
  std::span<const std::uint32_t> numbers;
  if (!rows.is_none()) numbers = row_numbers(rows, chosen);
  flott::BatchPacker packer(*frame, numbers, rows.is_none());
  PyObject* packed = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(packer.bytes_max()));
  if (!packed) nb::raise_python_error();
  std::size_t size = 0;
  try {
    char* const at = PyBytes_AsString(packed);
    nb::gil_scoped_release released;
    size = packer.write(at);
  } catch (...) {
    Py_DECREF(packed);
    throw;
  }
  if (_PyBytes_Resize(&packed, static_cast<Py_ssize_t>(size)) != 0) nb::raise_python_error();
  return nb::steal(packed);
}

class BufferView {
 public:
  explicit BufferView(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) nb::raise_python_error();
  }
  ~BufferView() { PyBuffer_Release(&view_); }
  BufferView(const BufferView&) = delete;
  BufferView& operator=(const BufferView&) = delete;
  std::string_view bytes() const {
    return {static_cast<const char*>(view_.buf), static_cast<std::size_t>(view_.len)};
  }

 private:
  Py_buffer view_;
};

ArrowFrame* unpack_rows(nb::handle packed) {
  const BufferView view(packed);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    batch = flott::unpack_batch(view.bytes());
  }
  return flott::export_frame(std::move(batch));
}

}  // namespace

void bind_column_partition(nb::module_& module) {
  module.def("column_targets", &column_targets, nb::arg("frame"), nb::arg("positions"),
             nb::arg("max_parallelism"), nb::arg("parallelism"), nb::arg("as_groups"),
             nb::rv_policy::take_ownership);
  module.def("take_rows", &take_rows, nb::arg("frame"), nb::arg("rows"));
  module.def("pack_rows", &pack_rows, nb::arg("frame"), nb::arg("rows").none());
  module.def("unpack_rows", &unpack_rows, nb::arg("packed"), nb::rv_policy::take_ownership);
  module.def("scatter_rows", &scatter_rows, nb::arg("frame"), nb::arg("positions"),
             nb::arg("max_parallelism"), nb::arg("parallelism"));
}
