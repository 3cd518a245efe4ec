#include "arrow_capsule.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace flott {
namespace {

struct StreamGuard {
  ArrowArrayStream* stream;
  ~StreamGuard() {
    if (stream->release) stream->release(stream);
  }
};

struct SchemaGuard {
  ArrowSchema schema{};
  ~SchemaGuard() {
    if (schema.release) schema.release(&schema);
  }
};

struct ArrayGuard {
  ArrowArray array{};
  ~ArrayGuard() {
    if (array.release) array.release(&array);
  }
};

void require(int code, ArrowArrayStream* stream) {
  if (code == 0) return;
  const char* text = stream->get_last_error(stream);
  throw std::runtime_error(std::string("reading an Arrow stream failed: ") + (text ? text : "unknown error"));
}

// A stream of bare columns (a Series) is taken as a frame of one column.
void wrap_column(ArrowSchema* schema, ArrowArray* array) {
  Batch shell;
  ArrowSchema outer{};
  ArrowArray frame{};
  shell.add(ColumnBuilder(ColumnType{"n", "", {}}));
  shell.export_to(&outer, &frame);
  outer.children[0]->release(outer.children[0]);
  *outer.children[0] = *schema;
  frame.children[0]->release(frame.children[0]);
  *frame.children[0] = *array;
  frame.length = array->length;
  *schema = outer;
  *array = frame;
}

std::unique_ptr<Frame> try_import(nb::handle object, bool is_series) {
  const nb::object capsule = object.attr("__arrow_c_stream__")();
  auto* const stream =
      static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (!stream) nb::raise_python_error();
  StreamGuard guard{stream};
  SchemaGuard schema;
  ArrayGuard first, second;
  require(stream->get_schema(stream, &schema.schema), stream);
  require(stream->get_next(stream, &first.array), stream);
  if (!first.array.release) {
    Batch nothing;
    const ColumnType type = ColumnType::from(schema.schema);
    if (is_series) {
      nothing.add(ColumnBuilder(type));
    } else {
      for (const ColumnType& child : type.children) nothing.add(ColumnBuilder(child));
    }
    schema.schema.release(&schema.schema);
    nothing.export_to(&schema.schema, &first.array);
    return std::make_unique<Frame>(&schema.schema, &first.array);
  }
  require(stream->get_next(stream, &second.array), stream);
  if (second.array.release) return nullptr;
  if (is_series) wrap_column(&schema.schema, &first.array);
  return std::make_unique<Frame>(&schema.schema, &first.array);
}

// Asked once for each type, which is kept for it: to look for an attribute that a frame of Polars does not
// have takes it longer than to give its columns.
bool is_series(nb::handle object) {
  static std::vector<std::pair<PyTypeObject*, bool>> known;
  PyTypeObject* const type = Py_TYPE(object.ptr());
  for (const auto& [each, answer] : known) {
    if (each == type) return answer;
  }
  Py_INCREF(reinterpret_cast<PyObject*>(type));
  known.emplace_back(type, nb::hasattr(object, "to_frame"));
  return known.back().second;
}

}  // namespace

std::unique_ptr<Frame> import_frame(nb::handle object) {
  const bool is_column = is_series(object);
  if (auto frame = try_import(object, is_column)) return frame;
  return try_import(object.attr("rechunk")(), is_column);
}

ArrowFrame* export_frame(Batch&& batch) { return new ArrowFrame{std::move(batch)}; }

nb::object exported(Batch&& batch) { return nb::cast(export_frame(std::move(batch)), nb::rv_policy::take_ownership); }

nb::object exported(ColumnBuilder&& column) {
  Batch batch;
  batch.add(std::move(column));
  return exported(std::move(batch));
}

ColumnBuilder slot_column(const Slot* slots, std::int64_t count, const char* name) {
  ColumnBuilder column(ColumnType{"I", name, {}});
  if (count) std::memcpy(column.extend<Slot>(count), slots, static_cast<std::size_t>(count) * sizeof(Slot));
  return column;
}

}  // namespace flott

void bind_arrow_frame(nb::module_& module) {
  using flott::ArrowFrame;
  nb::class_<ArrowFrame>(module, "ArrowFrame")
      .def_prop_ro("rows", [](ArrowFrame& self) { return self.batch.rows(); })
      .def(
          "__arrow_c_stream__",
          [](ArrowFrame& self, nb::handle) {
            auto* const stream = new ArrowArrayStream{};
            flott::export_stream(std::move(self.batch), stream);
            return nb::capsule(stream, "arrow_array_stream", [](void* at) noexcept {
              auto* const held = static_cast<ArrowArrayStream*>(at);
              if (held->release) held->release(held);
              delete held;
            });
          },
          nb::arg("requested_schema") = nb::none());
}
