// Python face of the reader and writer of Protobuf's wire format.
#include "flott/protobuf.h"

#include "message_kernels.h"

namespace nb = nanobind;

namespace {

using flott::PbField;
using flott::PbKind;
using flott::PbNode;
using flott::ProtobufReader;
using flott::ProtobufWriter;

// (number, kind, flags, column, oneof, node, name, default bits, default bytes, {number: name})
PbField field_from(nb::handle item) {
  const auto parts = nb::cast<nb::tuple>(item);
  PbField field;
  field.number = nb::cast<std::uint32_t>(parts[0]);
  field.kind = static_cast<PbKind>(nb::cast<int>(parts[1]));
  field.flags = nb::cast<int>(parts[2]);
  field.column = nb::cast<int>(parts[3]);
  field.oneof = nb::cast<int>(parts[4]);
  field.node = nb::cast<int>(parts[5]);
  field.name = nb::cast<std::string>(parts[6]);
  field.default_bits = nb::cast<std::int64_t>(parts[7]);
  field.default_bytes = flott::bytes_of(parts[8]);
  for (auto [number, name] : nb::cast<nb::dict>(parts[9])) {
    field.names.emplace(nb::cast<std::int32_t>(number), nb::cast<std::string>(name));
  }
  return field;
}

std::vector<PbNode> nodes_from(nb::handle list) {
  std::vector<PbNode> nodes;
  for (nb::handle fields : list) {
    PbNode node;
    for (nb::handle field : fields) node.fields.push_back(field_from(field));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

nb::tuple read_messages(const ProtobufReader& reader, nb::handle messages) {
  return flott::read_into_frames(messages, [&](const flott::Column& column, auto&... out) {
    reader.read_messages(column, out...);
  });
}

// The messages, or (row, reason) of the first row that cannot be written.
nb::object write_messages(const ProtobufWriter& writer, nb::handle rows) {
  auto frame = flott::import_frame(rows);
  flott::Batch batch;
  try {
    nb::gil_scoped_release released;
    batch.add(writer.write_messages(*frame));
  } catch (const flott::PbUnwritable& error) {
    return nb::make_tuple(error.row, std::string(error.what()));
  }
  return flott::exported(std::move(batch));
}

}  // namespace

void bind_protobuf(nb::module_& module) {
  nb::class_<ProtobufReader>(module, "ProtobufReader")
      .def("__init__",
           [](ProtobufReader* at, nb::handle nodes, nb::handle columns) {
             new (at) ProtobufReader(nodes_from(nodes), flott::types_from(columns));
           },
           nb::arg("nodes"), nb::arg("columns"))
      .def("read_messages", &read_messages, nb::arg("messages"));
  nb::class_<ProtobufWriter>(module, "ProtobufWriter")
      .def("__init__",
           [](ProtobufWriter* at, nb::handle nodes, std::string null_text) {
             new (at) ProtobufWriter(nodes_from(nodes), std::move(null_text));
           },
           nb::arg("nodes"), nb::arg("null_text"))
      .def("write_messages", &write_messages, nb::arg("rows"));
}
