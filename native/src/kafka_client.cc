// The life of a handle, and the callbacks that take notes.
#include "flott/kafka_client.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <system_error>
#include <thread>

namespace flott::kafka {
namespace {

constexpr std::size_t kLogLinesMax = 200;  // of those that nobody took, older ones go
constexpr std::size_t kFailuresMax = 1000;
constexpr std::size_t kTextMax = 512;

// Errors of the client as a whole that it does not get over by trying again.
bool is_final(int code) {
  switch (code) {
    case kAuthentication:
    case kSaslAuthenticationFailed:
    case kUnsupportedSaslMechanism:
    case kIllegalSaslState:
    case kClusterAuthorizationFailed:
    case kTransactionalIdAuthorizationFailed:
    case kFatal:
      return true;
    default:
      return false;
  }
}

// A process loads one librdkafka, and the callback for log lines has no argument of its own.
std::atomic<void* (*)(const Handle*)> opaque_of{nullptr};

void on_log(const Handle* handle, int level, const char* facility, const char* text) {
  void* const opaque = handle ? opaque_of.load()(handle) : nullptr;
  if (opaque) static_cast<Connection*>(opaque)->note_log(level, facility ? facility : "", text ? text : "");
}

void on_delivery(Handle*, const Message* message, void* opaque) {
  // What is purged is given up on purpose.
  if (!message->error || message->error == kPurgedFromQueue || message->error == kPurgedInFlight) return;
  auto* const connection = static_cast<Connection*>(opaque);
  Failure failure = connection->describe(message->error);
  failure.topic = connection->library().topic_name(message->topic);
  failure.partition = message->partition;
  connection->note_failure(std::move(failure));
}

// Errors of a partition say in their text which: "topic [3]: what happened". Names have no spaces.
bool find_partition(const std::string& text, Failure& failure) {
  const std::size_t at = text.find(" [");
  if (at == std::string::npos || text.find(' ') != at) return false;
  char* end = nullptr;
  const long number = std::strtol(text.c_str() + at + 2, &end, 10);
  if (*end != ']' || number < 0) return false;
  failure.topic = text.substr(0, at);
  failure.partition = static_cast<std::int32_t>(number);
  return true;
}

void on_error(Handle*, int error, const char* reason, void* opaque) {
  auto* const connection = static_cast<Connection*>(opaque);
  Failure failure = connection->describe(error, reason ? reason : "");
  if (connection->type() == kConsumer && find_partition(failure.text, failure)) {
    return connection->note_partition_failure(std::move(failure));
  }
  // That all brokers are away says less than why the last of them is.
  if (error != kAllBrokersDown || connection->last_error().empty()) connection->note_error(failure);
  if (is_final(error)) connection->note_failure(std::move(failure));
}

}  // namespace

Failure failure_of(const Library& library, int code, std::string text) {
  Failure failure;
  failure.code = code;
  failure.name = library.err2name(code);
  failure.text = text.empty() ? library.err2str(code) : std::move(text);
  return failure;
}

void require(const Library& library, ErrorValue* error) {
  if (!error) return;
  const char* const text = library.error_string(error);
  Failure failure = failure_of(library, library.error_code(error), text ? text : "");
  failure.is_fatal = library.error_is_fatal(error);
  failure.is_retriable = library.error_is_retriable(error);
  failure.needs_abort = library.error_txn_requires_abort(error);
  library.error_destroy(error);
  throw failure;
}

std::shared_ptr<Connection> Connection::open(std::shared_ptr<const Library> library, ClientType type,
                                             const Properties& properties) {
  std::unique_ptr<Connection> made(new Connection(std::move(library)));
  made->create(type, properties);
  return std::shared_ptr<Connection>(made.release(), [](Connection* connection) {
    const auto end = [connection] {
      connection->end();
      delete connection;
    };
    try {
      std::thread(end).detach();
    } catch (const std::system_error&) {
      end();
    }
  });
}

void Connection::create(ClientType type, const Properties& properties) {
  type_ = type;
  char text[kTextMax] = "";
  Conf* const conf = library_->conf_new();
  for (const auto& [name, value] : properties) {
    if (library_->conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != 0) {
      library_->conf_destroy(conf);
      throw failure_of(*library_, kInvalidArgument, text);
    }
  }
  library_->conf_set(conf, "log.queue", "true", text, sizeof text);
  library_->conf_set_opaque(conf, this);
  library_->conf_set_error_cb(conf, &on_error);
  opaque_of.store(library_->opaque);
  library_->conf_set_log_cb(conf, &on_log);
  if (type == kProducer) library_->conf_set_dr_msg_cb(conf, &on_delivery);
  handle_ = library_->create(type, conf, text, sizeof text);
  if (!handle_) {
    library_->conf_destroy(conf);
    throw failure_of(*library_, kInvalidArgument, text);
  }
  library_->set_log_queue(handle_, nullptr);
}

void Connection::end() {
  if (before_end) before_end();
  library_->purge(handle_, kPurgeAll);
  library_->destroy_flags(handle_, kDestroyWithoutLeaving);
  end_.set_value();
}

void Connection::note_error(const Failure& failure) {
  const std::lock_guard lock(mutex_);
  last_error_ = failure.text + " (" + failure.name + ")";
}

void Connection::note_partition_failure(Failure failure) {
  const std::lock_guard lock(mutex_);
  if (partition_failures_.size() == kFailuresMax) partition_failures_.pop_front();
  partition_failures_.push_back(std::move(failure));
}

std::deque<Failure> Connection::take_partition_failures() {
  const std::lock_guard lock(mutex_);
  return std::exchange(partition_failures_, {});
}

void Connection::note_commit(CommitOutcome outcome) {
  const std::lock_guard lock(mutex_);
  commits_.push_back(std::move(outcome));
}

std::vector<CommitOutcome> Connection::take_commits() {
  const std::lock_guard lock(mutex_);
  return std::exchange(commits_, {});
}

void Connection::note_log(int level, std::string facility, std::string text) {
  const std::lock_guard lock(mutex_);
  if (log_.size() == kLogLinesMax) log_.pop_front();
  log_.push_back({level, std::move(facility), std::move(text)});
}

void Connection::note_failure(Failure failure) {
  const std::lock_guard lock(mutex_);
  if (!failure_ || (failure.is_fatal && !failure_->is_fatal)) failure_ = std::move(failure);
}

std::optional<Failure> Connection::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Connection::clear_failure() {
  const std::lock_guard lock(mutex_);
  if (failure_ && !failure_->is_fatal) failure_.reset();
}

std::string Connection::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

std::vector<LogLine> Connection::take_log() {
  const std::lock_guard lock(mutex_);
  std::vector<LogLine> lines(std::make_move_iterator(log_.begin()), std::make_move_iterator(log_.end()));
  log_.clear();
  return lines;
}

bool Connection::has_log() const {
  const std::lock_guard lock(mutex_);
  return !log_.empty();
}

Failure Connection::describe(int code, std::string text) const {
  char fatal_text[kTextMax] = "";
  const int fatal = library_->fatal_error(handle_, fatal_text, sizeof fatal_text);
  if (!fatal) return failure_of(*library_, code, std::move(text));
  Failure failure = failure_of(*library_, fatal, fatal_text);
  failure.is_fatal = true;
  return failure;
}

std::shared_ptr<Connection> Client::use_if_open() {
  const std::lock_guard lock(mutex_);
  return connection_;
}

std::shared_ptr<Connection> Client::use() {
  if (auto connection = use_if_open()) return connection;
  Failure closed;
  closed.code = kState;
  closed.name = "_STATE";
  closed.text = "the client is closed";
  throw closed;
}

std::string Client::last_error() {
  const auto connection = use_if_open();
  return connection ? connection->last_error() : std::string();
}

std::vector<LogLine> Client::take_log() {
  const auto connection = use_if_open();
  return connection ? connection->take_log() : std::vector<LogLine>();
}

bool Client::has_log() {
  const auto connection = use_if_open();
  return connection && connection->has_log();
}

void Client::close(int timeout_ms) {
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    connection = std::move(connection_);
    connection_.reset();
  }
  if (!connection) return;
  const std::shared_future<void> ended = connection->ended();
  connection.reset();
  ended.wait_for(std::chrono::milliseconds(timeout_ms));
}

}  // namespace flott::kafka
