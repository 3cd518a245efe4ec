// Python face of the reader and writer of Avro's binary encoding.
#include "flott/avro.h"

#include "message_kernels.h"

namespace nb = nanobind;

namespace {

using flott::ArrowFrame;
using flott::AvroNode;
using flott::AvroReader;
using flott::AvroWriter;
using flott::bytes_of;
using flott::ColumnType;
using flott::exported;
using flott::types_from;

// (op, numbers, texts, children, null_branch, value_branch)
std::vector<AvroNode> nodes_from(nb::handle list) {
  std::vector<AvroNode> nodes;
  for (nb::handle item : list) {
    const auto parts = nb::cast<nb::tuple>(item);
    AvroNode node;
    node.op = nb::cast<int>(parts[0]);
    for (nb::handle number : parts[1]) node.numbers.push_back(nb::cast<std::int64_t>(number));
    for (nb::handle text : parts[2]) node.texts.push_back(bytes_of(text));
    for (nb::handle child : parts[3]) node.children.push_back(nb::cast<std::uint32_t>(child));
    node.null_branch = nb::cast<int>(parts[4]);
    node.value_branch = nb::cast<int>(parts[5]);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

nb::tuple read_messages(const AvroReader& reader, nb::handle messages, std::int64_t prefix) {
  return flott::read_into_frames(messages, [&](const flott::Column& column, auto&... out) {
    reader.read_messages(column, prefix, out...);
  });
}

nb::object read_block(const AvroReader& reader, nb::bytes block, std::int64_t count) {
  flott::Batch batch;
  {
    const std::string_view view(block.c_str(), block.size());
    nb::gil_scoped_release released;
    reader.read_block(view, count, batch);
  }
  return exported(std::move(batch));
}

// The messages, or (row, reason) of the first row that cannot be written.
nb::object write_messages(const AvroWriter& writer, nb::handle rows, nb::bytes prefix) {
  auto frame = flott::import_frame(rows);
  flott::Batch batch;
  try {
    const std::string_view view(prefix.c_str(), prefix.size());
    nb::gil_scoped_release released;
    batch.add(writer.write_messages(*frame, view));
  } catch (const flott::AvroUnwritable& error) {
    return nb::make_tuple(error.row, std::string(error.what()));
  }
  return exported(std::move(batch));
}

nb::object write_block(const AvroWriter& writer, nb::handle rows) {
  auto frame = flott::import_frame(rows);
  flott::Buffer bytes;
  try {
    nb::gil_scoped_release released;
    bytes = writer.write_block(*frame);
  } catch (const flott::AvroUnwritable& error) {
    return nb::make_tuple(error.row, std::string(error.what()));
  }
  return nb::bytes(bytes.data(), bytes.size());
}

// The number of the schema that each message names behind a zero byte; NULL where there is none.
ArrowFrame* schema_ids(nb::handle messages) {
  auto frame = flott::import_frame(messages);
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    const flott::Column& column = frame->column(0);
    flott::ColumnBuilder ids(ColumnType{"I", "f0", {}});
    ids.reserve(column.length);
    for (std::int64_t row = 0; row < column.length; ++row) {
      const std::string_view message = column.is_valid(row) ? column.bytes(row) : std::string_view();
      if (message.size() < 5 || message[0] != 0) {
        ids.push_null();
        continue;
      }
      std::uint32_t id = 0;
      for (int i = 1; i < 5; ++i) id = id << 8 | static_cast<unsigned char>(message[static_cast<std::size_t>(i)]);
      ids.push<std::uint32_t>(id);
    }
    batch.add(std::move(ids));
  }
  return flott::export_frame(std::move(batch));
}

}  // namespace

void bind_avro(nb::module_& module) {
  nb::class_<AvroReader>(module, "AvroReader")
      .def("__init__",
           [](AvroReader* at, nb::handle nodes, nb::handle columns) {
             new (at) AvroReader(nodes_from(nodes), types_from(columns));
           },
           nb::arg("nodes"), nb::arg("columns"))
      .def("read_messages", &read_messages, nb::arg("messages"), nb::arg("prefix"))
      .def("read_block", &read_block, nb::arg("block"), nb::arg("count"));
  nb::class_<AvroWriter>(module, "AvroWriter")
      .def("__init__", [](AvroWriter* at, nb::handle nodes) { new (at) AvroWriter(nodes_from(nodes)); },
           nb::arg("nodes"))
      .def("write_messages", &write_messages, nb::arg("rows"), nb::arg("prefix"))
      .def("write_block", &write_block, nb::arg("rows"));
  module.def("schema_ids", &schema_ids, nb::arg("messages"), nb::rv_policy::take_ownership);
}
