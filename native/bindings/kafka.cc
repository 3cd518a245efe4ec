// Python face of the Kafka clients. A Failure becomes whatever `make_error` of the library makes of it.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "arrow_capsule.h"
#include "flott/kafka_consumer.h"
#include "flott/kafka_group.h"
#include "flott/kafka_producer.h"

namespace nb = nanobind;

namespace {

using namespace flott::kafka;

struct LoadedLibrary {
  std::shared_ptr<const Library> library;
  nb::object make_error;
};

// The function's module may well keep the library: the collector has to see through it.
int visit_library(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  Py_VISIT(nb::inst_ptr<LoadedLibrary>(self)->make_error.ptr());
  return 0;
}

int clear_library(PyObject* self) {
  nb::inst_ptr<LoadedLibrary>(self)->make_error.reset();
  return 0;
}

PyType_Slot kLibrarySlots[] = {{Py_tp_traverse, reinterpret_cast<void*>(&visit_library)},
                               {Py_tp_clear, reinterpret_cast<void*>(&clear_library)},
                               {0, nullptr}};

[[noreturn]] void raise(const nb::object& make_error, const Failure& failure) {
  const nb::object error = make_error(failure.name, failure.text, failure.is_fatal, failure.is_retriable,
                                      failure.needs_abort, failure.topic, failure.partition);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  throw nb::python_error();
}

// A client and how its failures are raised.
template <typename C>
struct Bound {
  nb::object make_error;
  std::unique_ptr<C> client;

  // Runs without the GIL.
  template <typename Call>
  auto run(Call&& call) {
    try {
      nb::gil_scoped_release released;
      return call(*client);
    } catch (const Failure& failure) {
      raise(make_error, failure);
    }
  }
  ~Bound() {
    nb::gil_scoped_release released;
    client.reset();
  }
};

using BoundConsumer = Bound<Consumer>;
using BoundProducer = Bound<Producer>;

template <typename C, typename Make>
void construct(Bound<C>* self, const LoadedLibrary& loaded, Make&& make) {
  std::unique_ptr<C> client;
  try {
    nb::gil_scoped_release released;
    client = make(loaded.library);
  } catch (const Failure& failure) {
    raise(loaded.make_error, failure);
  }
  new (self) Bound<C>{loaded.make_error, std::move(client)};
}

// (frame, parts, positions, ends), or None.
nb::object poll(BoundConsumer& self, std::size_t rows_max) {
  std::optional<Fetched> fetched = self.run([&](Consumer& consumer) { return consumer.poll(rows_max); });
  if (!fetched) return nb::none();
  return nb::make_tuple(flott::exported(std::move(fetched->batch)), nb::cast(fetched->parts), nb::cast(fetched->positions),
                        nb::cast(fetched->ends));
}

void assign(BoundConsumer& self, const std::vector<std::tuple<PartitionId, std::string, std::int32_t, std::int64_t>>& given) {
  std::vector<Start> starts;
  for (const auto& [id, topic, partition, offset] : given) starts.push_back({id, {topic, partition}, offset});
  self.run([&](Consumer& consumer) { consumer.assign(starts); });
}

void commit(BoundConsumer& self, const std::vector<std::tuple<std::string, std::int32_t, std::int64_t>>& given) {
  std::vector<std::pair<Partition, std::int64_t>> offsets;
  for (const auto& [topic, partition, offset] : given) offsets.push_back({{topic, partition}, offset});
  self.run([&](Consumer& consumer) { consumer.commit(offsets); });
}

// For each commit that has ended a list of (topic, partition, offset, why it is not committed or "").
nb::list take_commits(BoundConsumer& self) {
  nb::list outcomes;
  for (const CommitOutcome& outcome : self.run([](Consumer& consumer) { return consumer.take_commits(); })) {
    nb::list entries;
    for (const auto& [partition, offset, error] : outcome.entries) {
      entries.append(nb::make_tuple(partition.topic, partition.partition, offset, error));
    }
    outcomes.append(entries);
  }
  return outcomes;
}

std::int64_t produce(BoundProducer& self, nb::handle records) {
  const auto frame = flott::import_frame(records);
  return self.run([&](Producer& producer) { return producer.produce(*frame); });
}

void send_offsets(BoundProducer& self, const std::string& group,
                  const std::vector<std::tuple<std::string, std::int32_t, std::int64_t, std::string>>& given,
                  int timeout_ms) {
  std::vector<GroupOffset> offsets;
  for (const auto& [topic, partition, offset, metadata] : given) offsets.push_back({{topic, partition}, offset, metadata});
  self.run([&](Producer& producer) { producer.send_offsets(group, offsets, timeout_ms); });
}

// (topic, partition, offset, metadata as bytes) of each.
nb::list committed(Bound<GroupReader>& self, const std::vector<std::pair<std::string, std::int32_t>>& given,
                   int timeout_ms) {
  std::vector<Partition> partitions;
  for (const auto& [topic, partition] : given) partitions.push_back({topic, partition});
  nb::list found;
  for (const GroupOffset& entry : self.run([&](GroupReader& group) { return group.committed(partitions, timeout_ms); })) {
    found.append(nb::make_tuple(entry.partition.topic, entry.partition.partition, entry.offset,
                                nb::bytes(entry.metadata.data(), entry.metadata.size())));
  }
  return found;
}

// What any client can do.
template <typename C>
void bind_client(nb::class_<Bound<C>>& bound) {
  using B = Bound<C>;
  bound.def_prop_ro("has_log", [](B& self) { return self.client->has_log(); })
      .def_prop_ro("last_error", [](B& self) { return self.client->last_error(); })
      .def("take_log",
           [](B& self) {
             std::vector<std::tuple<int, std::string, std::string>> lines;
             for (LogLine& line : self.client->take_log()) {
               lines.emplace_back(line.level, std::move(line.facility), std::move(line.text));
             }
             return lines;
           })
      .def("close", [](B& self, int timeout_ms) { self.run([&](C& client) { client.close(timeout_ms); }); },
           nb::arg("timeout_ms"));
}

void bind_consumer(nb::module_& module) {
  using Ids = std::vector<PartitionId>;
  nb::class_<BoundConsumer> bound(module, "KafkaConsumer");
  bind_client(bound);
  bound
      .def("__init__",
           [](BoundConsumer* self, const LoadedLibrary& library, const Properties& properties, unsigned columns, int fd) {
             construct(self, library, [&](const auto& functions) {
               return std::make_unique<Consumer>(functions, properties, columns, fd);
             });
           },
           nb::arg("library"), nb::arg("properties"), nb::arg("columns"), nb::arg("wake_fd"))
      .def("assign", &assign, nb::arg("starts"))
      .def("unassign", [](BoundConsumer& self, const Ids& ids) { self.run([&](Consumer& c) { c.unassign(ids); }); },
           nb::arg("ids"))
      .def("pause", [](BoundConsumer& self, const Ids& ids) { self.run([&](Consumer& c) { c.pause(ids); }); },
           nb::arg("ids"))
      .def("resume", [](BoundConsumer& self, const Ids& ids) { self.run([&](Consumer& c) { c.resume(ids); }); },
           nb::arg("ids"))
      .def("poll", &poll, nb::arg("rows_max"))
      .def("commit", &commit, nb::arg("offsets"))
      .def("take_commits", &take_commits)
      .def("end_offset",
           [](BoundConsumer& self, PartitionId id) { return self.run([&](Consumer& c) { return c.end_offset(id); }); },
           nb::arg("id"));
}

void bind_producer(nb::module_& module) {
  using B = BoundProducer;
  nb::class_<B> bound(module, "KafkaProducer");
  bind_client(bound);
  bound
      .def("__init__",
           [](B* self, const LoadedLibrary& library, const Properties& properties, const std::string& topic) {
             construct(self, library, [&](const auto& functions) {
               return std::make_unique<Producer>(functions, properties, topic);
             });
           },
           nb::arg("library"), nb::arg("properties"), nb::arg("topic"))
      .def("produce", &produce, nb::arg("records"))
      .def("check", [](B& self) { self.run([](Producer& p) { p.check(); }); })
      .def_prop_ro("outstanding", [](B& self) { return self.run([](Producer& p) { return p.outstanding(); }); })
      .def("flush", [](B& self, int ms) { return self.run([&](Producer& p) { return p.flush(ms); }); },
           nb::arg("timeout_ms"))
      .def("init_transactions", [](B& self, int ms) { self.run([&](Producer& p) { p.init_transactions(ms); }); },
           nb::arg("timeout_ms"))
      .def("begin_transaction", [](B& self) { self.run([](Producer& p) { p.begin_transaction(); }); })
      .def("send_offsets", &send_offsets, nb::arg("group"), nb::arg("offsets"), nb::arg("timeout_ms"))
      .def("commit_transaction", [](B& self, int ms) { self.run([&](Producer& p) { p.commit_transaction(ms); }); },
           nb::arg("timeout_ms"))
      .def("abort_transaction", [](B& self, int ms) { self.run([&](Producer& p) { p.abort_transaction(ms); }); },
           nb::arg("timeout_ms"));
}

}  // namespace

void bind_kafka(nb::module_& module) {
  nb::class_<LoadedLibrary>(module, "KafkaLibrary", nb::type_slots(kLibrarySlots))
      .def("__init__",
           [](LoadedLibrary* self, const std::string& path, nb::object make_error) {
             new (self) LoadedLibrary{Library::open(path), std::move(make_error)};
           },
           nb::arg("path"), nb::arg("make_error"))
      .def_prop_ro("version", [](const LoadedLibrary& self) { return self.library->version(); });
  nb::class_<Bound<GroupReader>> group(module, "KafkaGroup");
  bind_client(group);
  group
      .def("__init__",
           [](Bound<GroupReader>* self, const LoadedLibrary& library, const Properties& properties) {
             construct(self, library, [&](const auto& functions) {
               return std::make_unique<GroupReader>(functions, properties);
             });
           },
           nb::arg("library"), nb::arg("properties"))
      .def("committed", &committed, nb::arg("partitions"), nb::arg("timeout_ms"));
  bind_consumer(module);
  bind_producer(module);
}
