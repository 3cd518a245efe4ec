// Looks every function up by name once; the library stays loaded for good.
#include "flott/kafka_library.h"

#include <dlfcn.h>

#include <stdexcept>

namespace flott::kafka {
namespace {

template <typename Function>
void find(void* file, const char* name, Function& function) {
  void* const at = dlsym(file, name);
  if (!at) throw std::runtime_error(std::string("this librdkafka is too old: it has no ") + name);
  function = reinterpret_cast<Function>(at);
}

}  // namespace

std::shared_ptr<const Library> Library::open(const std::string& path) {
  void* const file = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!file) {
    const char* const reason = dlerror();
    throw std::runtime_error("librdkafka cannot be loaded: " + std::string(reason ? reason : path));
  }
  auto library = std::make_shared<Library>();
#define FIND(name) find(file, "rd_kafka_" #name, library->name)
  FIND(version);
  FIND(err2str);
  FIND(err2name);
  FIND(last_error);
  FIND(fatal_error);
  FIND(error_code);
  FIND(error_string);
  FIND(error_is_fatal);
  FIND(error_is_retriable);
  FIND(error_txn_requires_abort);
  FIND(error_destroy);
  FIND(conf_new);
  FIND(conf_destroy);
  FIND(conf_set);
  FIND(conf_set_opaque);
  FIND(conf_set_error_cb);
  FIND(conf_set_log_cb);
  FIND(conf_set_dr_msg_cb);
  find(file, "rd_kafka_new", library->create);
  FIND(destroy_flags);
  FIND(opaque);
  FIND(set_log_queue);
  FIND(poll);
  FIND(queue_get_main);
  FIND(queue_get_consumer);
  FIND(queue_destroy);
  FIND(queue_cb_event_enable);
  FIND(consume_batch_queue);
  FIND(message_destroy);
  FIND(message_errstr);
  FIND(message_timestamp);
  FIND(message_leader_epoch);
  FIND(message_headers);
  FIND(headers_new);
  FIND(headers_destroy);
  FIND(header_add);
  FIND(header_cnt);
  FIND(header_get_all);
  FIND(topic_new);
  FIND(default_topic_conf_dup);
  FIND(topic_conf_set_opaque);
  FIND(topic_conf_set_partitioner_cb);
  FIND(msg_partitioner_murmur2);
  FIND(msg_partitioner_murmur2_random);
  FIND(topic_destroy);
  FIND(topic_name);
  FIND(topic_partition_list_new);
  FIND(topic_partition_list_destroy);
  FIND(topic_partition_list_add);
  FIND(incremental_assign);
  FIND(incremental_unassign);
  FIND(pause_partitions);
  FIND(resume_partitions);
  FIND(position);
  FIND(committed);
  FIND(commit_queue);
  FIND(get_watermark_offsets);
  FIND(produce_batch);
  FIND(produceva);
  FIND(purge);
  FIND(flush);
  FIND(outq_len);
  FIND(init_transactions);
  FIND(begin_transaction);
  FIND(send_offsets_to_transaction);
  FIND(commit_transaction);
  FIND(abort_transaction);
  FIND(consumer_group_metadata_new);
  FIND(consumer_group_metadata_destroy);
#undef FIND
  return library;
}

}  // namespace flott::kafka
