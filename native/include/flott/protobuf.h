// Protobuf's wire format into columns and back.
//
// A node says what is known of one type of message: the fields that columns have, and those without
// a column that must be seen nevertheless, since they are required or one of several. The last node
// is that of the whole message.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/message_rows.h"

namespace flott {

// The order is known in Python.
enum class PbKind : std::uint8_t {
  kInt32, kSint32, kUint32, kFixed32, kSfixed32, kInt64, kSint64, kUint64, kFixed64, kSfixed64,
  kBool, kFloat, kDouble, kString, kBytes, kEnumName, kEnumNumber, kMessage, kCount
};

inline constexpr int kPbRepeated = 1;
inline constexpr int kPbPacked = 2;        // how it is written; both ways are read
inline constexpr int kPbPresence = 4;      // whether a default value can be told from none
inline constexpr int kPbRequired = 8;
inline constexpr int kPbClosed = 16;       // values an enum does not name are as if they were not there
inline constexpr int kPbReadsDefault = 32; // what is not there is the default, not NULL
inline constexpr int kPbMap = 64;          // repeated entries of key and value
inline constexpr int kPbWide = 128;        // 32 bits without sign in a column of 64

struct PbField {
  std::uint32_t number;
  PbKind kind;
  int flags;
  int column;  // the part of the row; -1 if there is none
  int oneof;   // the group of which only the last field counts; -1 if it is in none
  int node;    // of a message or map entry
  std::string name;
  std::int64_t default_bits;
  std::string default_bytes;
  std::unordered_map<std::int32_t, std::string> names;  // of an enum's values

  bool has(int flag) const { return (flags & flag) != 0; }
};

struct PbNode {
  std::vector<PbField> fields;  // by number
  std::vector<int> places;      // of small numbers; -1 for none

  int find(std::uint32_t number) const;
};

class ProtobufReader {
 public:
  // Throws std::invalid_argument if the nodes do not fit.
  ProtobufReader(std::vector<PbNode> nodes, std::vector<ColumnType> columns);

  // The rows of messages, and the messages they are of.
  void read_messages(const Column& messages, Batch& out, std::vector<Slot>& rows,
                     std::vector<MessageFault>& faults) const;

 private:
  std::vector<PbNode> nodes_;
  std::vector<ColumnType> columns_;
};

// A row that cannot be written.
class PbUnwritable : public std::invalid_argument {
 public:
  PbUnwritable(std::int64_t row, const std::string& reason) : std::invalid_argument(reason), row(row) {}
  std::int64_t row;
};

class ProtobufWriter {
 public:
  // Texts that are NULL among others are written as `null_text`.
  ProtobufWriter(std::vector<PbNode> nodes, std::string null_text);

  // A message of each row. Throws PbUnwritable.
  ColumnBuilder write_messages(Frame& rows) const;

 private:
  std::vector<PbNode> nodes_;
  std::string null_text_;
};

// Sorts fields and notes their places. Throws std::invalid_argument if they do not fit.
void prepare_nodes(std::vector<PbNode>& nodes);

}  // namespace flott
