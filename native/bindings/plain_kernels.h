// What the Python faces of readers have in common that read what is plain (plain_rows.h).
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

#include "arrow_capsule.h"
#include "flott/plain_rows.h"

namespace flott {

// The number of rows, their columns, their messages, the messages left.
template <typename Reader>
nanobind::object read_plain_messages(const Reader& reader, nanobind::handle messages) {
  auto frame = import_frame(messages);
  PlainRows found = [&] {
    nanobind::gil_scoped_release released;
    return reader.read_messages(frame->column(0));
  }();
  return nanobind::make_tuple(found.rows, exported(std::move(found.batch)), exported(std::move(found.messages)),
                              exported(std::move(found.left)));
}

// The number of rows and their columns; None if the block is for slower code.
template <typename Reader>
nanobind::object read_plain_lines(const Reader& reader, nanobind::bytes text) {
  Batch batch;
  std::int64_t rows = 0;
  bool is_read;
  {
    const std::string_view view(text.c_str(), text.size());
    nanobind::gil_scoped_release released;
    is_read = reader.read_lines(view, batch, rows);
  }
  if (!is_read) return nanobind::none();
  return nanobind::make_tuple(rows, exported(std::move(batch)));
}

}  // namespace flott
