// The part of librdkafka that we use, found in a shared library at run time.
//
// Declarations are our own; the stable C interface of librdkafka (>= 2.3) fixes their layout. So the
// module builds without Kafka, and nothing of it is in memory until somebody reads or writes a topic.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace flott::kafka {

struct Handle;      // rd_kafka_t
struct Conf;        // rd_kafka_conf_t
struct Queue;       // rd_kafka_queue_t
struct Topic;       // rd_kafka_topic_t
struct Headers;     // rd_kafka_headers_t
struct ErrorValue;  // rd_kafka_error_t
struct GroupMetadata;
struct TopicConf;  // rd_kafka_topic_conf_t

using Partitioner = std::int32_t(const Topic*, const void* key, std::size_t key_size, std::int32_t partitions,
                                 void* topic_opaque, void* message_opaque);

// Codes of errors that we tell apart; all others are only passed on.
enum ErrorCode : int {
  kBadMessage = -199,
  kTransport = -195,
  kResolve = -193,
  kPartitionEof = -191,
  kUnknownPartition = -190,
  kAllBrokersDown = -187,
  kInvalidArgument = -186,
  kTimedOut = -185,
  kQueueFull = -184,
  kNodeUpdate = -182,
  kSsl = -181,
  kWaitCoordinator = -180,
  kState = -172,
  kAuthentication = -169,
  kTimedOutInQueue = -166,
  kRetry = -153,
  kPurgedFromQueue = -152,
  kPurgedInFlight = -151,
  kFatal = -150,
  kMaxPollExceeded = -147,
  kDestroyBroker = -137,
  kUnknown = -1,
  kNoError = 0,
  kUnknownMember = 25,
  kRebalanceInProgress = 27,
  kGroupAuthorizationFailed = 30,
  kClusterAuthorizationFailed = 31,
  kUnsupportedSaslMechanism = 33,
  kIllegalSaslState = 34,
  kTransactionalIdAuthorizationFailed = 53,
  kSaslAuthenticationFailed = 58,
};

enum ClientType : int { kProducer = 0, kConsumer = 1 };

inline constexpr std::int32_t kAnyPartition = -1;
inline constexpr std::int64_t kInvalidOffset = -1001;
inline constexpr int kCopy = 0x2;                 // flag of produce: the caller keeps its bytes
inline constexpr int kPartitionGiven = 0x8;       // flag of produce_batch: each message names its own
inline constexpr int kPurgeAll = 0x1 | 0x2 | 0x4;  // queued, in flight, without waiting
inline constexpr int kDestroyWithoutLeaving = 0x8;

struct Message {
  int error;
  Topic* topic;
  std::int32_t partition;
  void* payload;
  std::size_t size;
  void* key;
  std::size_t key_size;
  std::int64_t offset;
  void* internal;
};

struct PartitionEntry {
  char* topic;
  std::int32_t partition;
  std::int64_t offset;
  void* metadata;
  std::size_t metadata_size;
  void* opaque;
  int error;
  void* internal;
};

struct PartitionList {
  int count;
  int size;
  PartitionEntry* entries;
};

// An argument of produceva.
enum ArgumentKind : int {
  kArgTopic = 2,  // a handle
  kArgPartition = 3,
  kArgValue = 4,
  kArgKey = 5,
  kArgFlags = 7,
  kArgTimestamp = 8,
  kArgHeaders = 10,
};

struct Argument {
  ArgumentKind kind;
  union {
    Topic* topic;
    int flags;
    std::int32_t partition;
    std::int64_t timestamp;
    struct {
      const void* data;
      std::size_t size;
    } bytes;
    Headers* headers;
    char padding[64];
  };
};
static_assert(sizeof(Argument) == 72 && sizeof(Message) == 72 && sizeof(PartitionEntry) == 64);

// Functions by librdkafka's names, without rd_kafka_.
struct Library {
  // Throws std::runtime_error if the file cannot be loaded or lacks a function.
  static std::shared_ptr<const Library> open(const std::string& path);

  int (*version)();
  const char* (*err2str)(int);
  const char* (*err2name)(int);
  int (*last_error)();
  int (*fatal_error)(Handle*, char* text, std::size_t size);
  int (*error_code)(const ErrorValue*);
  const char* (*error_string)(const ErrorValue*);
  int (*error_is_fatal)(const ErrorValue*);
  int (*error_is_retriable)(const ErrorValue*);
  int (*error_txn_requires_abort)(const ErrorValue*);
  void (*error_destroy)(ErrorValue*);

  Conf* (*conf_new)();
  void (*conf_destroy)(Conf*);
  int (*conf_set)(Conf*, const char* name, const char* value, char* text, std::size_t size);
  void (*conf_set_opaque)(Conf*, void*);
  void (*conf_set_error_cb)(Conf*, void (*)(Handle*, int error, const char* reason, void* opaque));
  void (*conf_set_log_cb)(Conf*, void (*)(const Handle*, int level, const char* facility, const char* text));
  void (*conf_set_dr_msg_cb)(Conf*, void (*)(Handle*, const Message*, void* opaque));

  Handle* (*create)(int type, Conf*, char* text, std::size_t size);  // rd_kafka_new
  void (*destroy_flags)(Handle*, int flags);
  void* (*opaque)(const Handle*);
  int (*set_log_queue)(Handle*, Queue*);
  int (*poll)(Handle*, int timeout_ms);
  Queue* (*queue_get_main)(Handle*);
  Queue* (*queue_get_consumer)(Handle*);
  void (*queue_destroy)(Queue*);
  void (*queue_cb_event_enable)(Queue*, void (*)(Handle*, void* opaque), void* opaque);

  ssize_t (*consume_batch_queue)(Queue*, int timeout_ms, Message**, std::size_t);
  void (*message_destroy)(Message*);
  const char* (*message_errstr)(const Message*);
  std::int64_t (*message_timestamp)(const Message*, int* type);
  std::int32_t (*message_leader_epoch)(const Message*);
  int (*message_headers)(const Message*, Headers**);
  Headers* (*headers_new)(std::size_t);
  void (*headers_destroy)(Headers*);
  int (*header_add)(Headers*, const char* name, ssize_t name_size, const void* value, ssize_t value_size);
  std::size_t (*header_cnt)(const Headers*);
  int (*header_get_all)(const Headers*, std::size_t index, const char** name, const void** value, std::size_t* size);

  Topic* (*topic_new)(Handle*, const char* name, TopicConf*);
  TopicConf* (*default_topic_conf_dup)(Handle*);
  void (*topic_conf_set_opaque)(TopicConf*, void*);
  void (*topic_conf_set_partitioner_cb)(TopicConf*, Partitioner*);
  Partitioner* msg_partitioner_murmur2;
  Partitioner* msg_partitioner_murmur2_random;
  void (*topic_destroy)(Topic*);
  const char* (*topic_name)(const Topic*);
  PartitionList* (*topic_partition_list_new)(int);
  void (*topic_partition_list_destroy)(PartitionList*);
  PartitionEntry* (*topic_partition_list_add)(PartitionList*, const char* topic, std::int32_t partition);

  ErrorValue* (*incremental_assign)(Handle*, const PartitionList*);
  ErrorValue* (*incremental_unassign)(Handle*, const PartitionList*);
  int (*pause_partitions)(Handle*, PartitionList*);
  int (*resume_partitions)(Handle*, PartitionList*);
  int (*position)(Handle*, PartitionList*);
  int (*committed)(Handle*, PartitionList*, int timeout_ms);
  int (*commit_queue)(Handle*, const PartitionList*, Queue*,
                      void (*)(Handle*, int error, PartitionList*, void* opaque), void* opaque);
  int (*get_watermark_offsets)(Handle*, const char* topic, std::int32_t partition, std::int64_t* low,
                               std::int64_t* high);

  int (*produce_batch)(Topic*, std::int32_t partition, int flags, Message*, int count);
  ErrorValue* (*produceva)(Handle*, const Argument*, std::size_t count);
  int (*purge)(Handle*, int flags);
  int (*flush)(Handle*, int timeout_ms);
  int (*outq_len)(Handle*);
  ErrorValue* (*init_transactions)(Handle*, int timeout_ms);
  ErrorValue* (*begin_transaction)(Handle*);
  ErrorValue* (*send_offsets_to_transaction)(Handle*, const PartitionList*, const GroupMetadata*, int timeout_ms);
  ErrorValue* (*commit_transaction)(Handle*, int timeout_ms);
  ErrorValue* (*abort_transaction)(Handle*, int timeout_ms);
  GroupMetadata* (*consumer_group_metadata_new)(const char* group);
  void (*consumer_group_metadata_destroy)(GroupMetadata*);
};

// A list of partitions that frees itself.
class Partitions {
 public:
  Partitions(const Library& library, std::size_t count)
      : library_(library), list_(library.topic_partition_list_new(static_cast<int>(count))) {}
  ~Partitions() { library_.topic_partition_list_destroy(list_); }
  Partitions(const Partitions&) = delete;
  Partitions& operator=(const Partitions&) = delete;

  PartitionEntry& add(const std::string& topic, std::int32_t partition, std::int64_t offset = kInvalidOffset) {
    PartitionEntry* const entry = library_.topic_partition_list_add(list_, topic.c_str(), partition);
    entry->offset = offset;
    return *entry;
  }
  PartitionList* get() const { return list_; }
  const PartitionEntry& operator[](std::size_t index) const { return list_->entries[index]; }
  std::size_t size() const { return static_cast<std::size_t>(list_->count); }

 private:
  const Library& library_;
  PartitionList* list_;
};

}  // namespace flott::kafka
