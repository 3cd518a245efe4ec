// What the Python faces of kernels for messages have in common.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <string>
#include <vector>

#include "arrow_capsule.h"
#include "flott/message_rows.h"

namespace flott {

inline std::string bytes_of(nanobind::handle value) {
  const auto bytes = nanobind::cast<nanobind::bytes>(value);
  return std::string(bytes.c_str(), bytes.size());
}

// (format, name, children)
inline std::vector<ColumnType> types_from(nanobind::handle list) {
  std::vector<ColumnType> types;
  for (nanobind::handle item : list) {
    const auto parts = nanobind::cast<nanobind::tuple>(item);
    types.push_back(ColumnType{nanobind::cast<std::string>(parts[0]), nanobind::cast<std::string>(parts[1]),
                               types_from(parts[2])});
  }
  return types;
}

// The rows, the message of each as a column, and (message, reason) of those that are broken.
template <typename Read>
nanobind::tuple read_into_frames(nanobind::handle messages, Read&& read) {
  auto frame = import_frame(messages);
  Batch batch, positions;
  std::vector<Slot> rows;
  std::vector<MessageFault> faults;
  {
    nanobind::gil_scoped_release released;
    read(frame->column(0), batch, rows, faults);
    positions.add(slot_column(rows.data(), static_cast<std::int64_t>(rows.size())));
  }
  nanobind::list broken;
  for (const MessageFault& fault : faults) {
    broken.append(nanobind::make_tuple(fault.row, nanobind::str(fault.reason.data(), fault.reason.size())));
  }
  return nanobind::make_tuple(exported(std::move(batch)), exported(std::move(positions)), broken);
}

}  // namespace flott
