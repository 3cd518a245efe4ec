// The native module flott.kernels._native: one bind_ function per kernel, each in a file of its own.
#include <nanobind/nanobind.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace nb = nanobind;

void bind_key_hash(nb::module_& module);
void bind_partition(nb::module_& module);
void bind_arrow_frame(nb::module_& module);
void bind_column_partition(nb::module_& module);
void bind_key_index(nb::module_& module);
void bind_group_table(nb::module_& module);
void bind_window_tables(nb::module_& module);
void bind_join_step(nb::module_& module);
void bind_row_store(nb::module_& module);
void bind_nexmark(nb::module_& module);
void bind_avro(nb::module_& module);
void bind_protobuf(nb::module_& module);
void bind_json_reading(nb::module_& module);
void bind_json_writing(nb::module_& module);
void bind_text_parts(nb::module_& module);
void bind_split_marks(nb::module_& module);
void bind_kafka(nb::module_& module);
void bind_top_n(nb::module_& module);
void bind_csv(nb::module_& module);
void bind_rows(nb::module_& module);
void bind_row_texts(nb::module_& module);

namespace {

// Every batch that leaves a kernel is some buffers of a megabyte, soon freed. By default glibc maps
// each from the system and gives it back, which costs more than filling it: half of a join's time.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
#endif
}

}  // namespace

NB_MODULE(_native, module) {
  keep_freed_memory();
  // Readers' threads may hold a consumer when Python ends, which is no leak worth a page of text.
  nb::set_leak_warnings(false);
  module.doc() = "Kernels of Flott in C++; use them through the modules of flott.kernels.";
  bind_key_hash(module);
  bind_partition(module);
  bind_arrow_frame(module);
  bind_column_partition(module);
  bind_key_index(module);
  bind_group_table(module);
  bind_window_tables(module);
  bind_row_store(module);
  bind_join_step(module);
  bind_nexmark(module);
  bind_avro(module);
  bind_protobuf(module);
  bind_json_reading(module);
  bind_json_writing(module);
  bind_text_parts(module);
  bind_split_marks(module);
  bind_kafka(module);
  bind_top_n(module);
  bind_csv(module);
  bind_rows(module);
  bind_row_texts(module);
}
