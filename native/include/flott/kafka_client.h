// What a consumer and a producer have in common: a handle, its errors, its log and its end.
//
// librdkafka works in threads of its own and calls back only from `poll` and from calls that wait
// (log.queue is on), so callbacks run in a thread of ours and only note what there is to know.
//
// Handles may be used from several threads. `close` drops the client's share of the handle; whoever
// is still in a call keeps it alive, and the last one lets it end in a thread of its own, because
// ending waits for the threads of librdkafka.
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flott/kafka_library.h"

namespace flott::kafka {

// What went wrong; thrown, or kept until somebody asks.
struct Failure : std::exception {
  int code = kNoError;
  std::string name;
  std::string text;
  bool is_fatal = false;
  bool is_retriable = false;
  bool needs_abort = false;
  std::string topic;
  std::int32_t partition = kAnyPartition;  // of `topic`, if that is not empty

  const char* what() const noexcept override { return text.c_str(); }
};

Failure failure_of(const Library& library, int code, std::string text = {});
// Throws what `error` says, and frees it; nothing for a null pointer.
void require(const Library& library, ErrorValue* error);

struct LogLine {
  int level;  // as in syslog: 0 emergency .. 7 debug
  std::string facility;
  std::string text;
};

struct Partition {
  std::string topic;
  std::int32_t partition;
};

using Properties = std::vector<std::pair<std::string, std::string>>;

// How sending offsets to a group ended: of each what the group has now, and why of those it has not.
struct CommitOutcome {
  struct Entry {
    Partition partition;
    std::int64_t offset;
    std::string error;  // empty if it is committed
  };
  std::vector<Entry> entries;
};

// A handle of librdkafka and what its callbacks noted.
class Connection {
 public:
  static std::shared_ptr<Connection> open(std::shared_ptr<const Library> library, ClientType type,
                                          const Properties& properties);

  const Library& library() const { return *library_; }
  Handle* handle() const { return handle_; }
  ClientType type() const { return type_; }
  // Runs callbacks that are due.
  void serve() const { library_->poll(handle_, 0); }

  void note_error(const Failure& failure);
  void note_log(int level, std::string facility, std::string text);
  // Keeps the first failure; a fatal one in front of others.
  void note_failure(Failure failure);
  std::optional<Failure> failure() const;
  void note_commit(CommitOutcome outcome);
  std::vector<CommitOutcome> take_commits();
  // What went wrong with single partitions.
  void note_partition_failure(Failure failure);
  std::deque<Failure> take_partition_failures();
  // Fatal ones stay.
  void clear_failure();
  std::string last_error() const;
  std::vector<LogLine> take_log();
  bool has_log() const;
  // `text` of a code, in the words of a fatal error if that is the reason.
  Failure describe(int code, std::string text = {}) const;

  // Called before the handle ends and in the same thread, so that nothing of it is in use.
  std::function<void()> before_end;
  std::shared_future<void> ended() const { return ended_; }

 private:
  Connection(std::shared_ptr<const Library> library) : library_(std::move(library)), ended_(end_.get_future()) {}
  void create(ClientType type, const Properties& properties);
  void end();

  std::shared_ptr<const Library> library_;
  Handle* handle_ = nullptr;
  ClientType type_ = kConsumer;
  mutable std::mutex mutex_;
  std::optional<Failure> failure_;
  std::deque<Failure> partition_failures_;
  std::string last_error_;
  std::deque<LogLine> log_;
  std::vector<CommitOutcome> commits_;
  std::promise<void> end_;
  std::shared_future<void> ended_;
};

class Client {
 public:
  Client(std::shared_ptr<const Library> library, ClientType type, const Properties& properties)
      : connection_(Connection::open(std::move(library), type, properties)) {}
  virtual ~Client() = default;

  std::string last_error();
  std::vector<LogLine> take_log();
  bool has_log();
  // Waits for the end, but not longer than that.
  void close(int timeout_ms);

 protected:
  // Throws a Failure if the client is closed.
  std::shared_ptr<Connection> use();
  std::shared_ptr<Connection> use_if_open();

 private:
  std::mutex mutex_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace flott::kafka
