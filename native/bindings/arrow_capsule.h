// Frames in and out of Python by the Arrow PyCapsule interface.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "flott/column_builder.h"
#include "flott/columns.h"

namespace flott {

// Any object with __arrow_c_stream__ that yields struct arrays: a Polars DataFrame (or, as one
// column, a Series). An object of several chunks is asked to `rechunk()`. Needs the GIL.
std::unique_ptr<Frame> import_frame(nanobind::handle object);

// What Python gets: Polars takes it by __arrow_c_stream__, once, without a copy.
struct ArrowFrame {
  Batch batch;
};

ArrowFrame* export_frame(Batch&& batch);
// The same as an object of Python; a bare column as a frame of one.
nanobind::object exported(Batch&& batch);
nanobind::object exported(ColumnBuilder&& column);

// One UInt32 column named f0.
ColumnBuilder slot_column(const Slot* slots, std::int64_t count, const char* name = "f0");

}  // namespace flott
