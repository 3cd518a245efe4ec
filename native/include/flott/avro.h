// Avro's binary encoding into columns and back.
//
// A program says how: it was made from the schema that data was written with and the types of the
// columns, so that nothing is looked up here. Its nodes are numbered; the last one is the record of
// the whole message, whose fields are the columns. A message that does not fit is left out and named
// with the reason; the others are read all the same.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/columns.h"
#include "flott/message_rows.h"

namespace flott {

// What a node of a reading program does with the next bytes; the order is known in Python.
enum class AvroRead : std::uint8_t {
  kNull,          // nothing; NULL
  kBool,
  kWhole,         // numbers: multiply, divide, is_int, bits of the column, least, most
  kReal,          // numbers: bytes of the value, bits of the column
  kWholeToReal,   // numbers: is_int, bits of the column
  kText,
  kBytes,
  kFixed,         // numbers: bytes, is_text
  kEnum,          // texts: symbols
  kDecimal,       // numbers: bytes or -1, precision, power of ten to multiply by
  kRecord,        // children with texts: names, numbers: the part of the column, or -1 to pass over
  kArray,         // child: the element
  kMap,           // child: the value
  kUnion,         // children: the branches
  kConstant,      // texts: bytes that child reads
  kFail,          // texts: the reason
  kSkipWhole,
  kSkipFixed,     // numbers: bytes
  kSkipBytes,
  kSkipArray,     // child
  kSkipMap,       // child
  kSkipUnion,     // children
  kSkipRecord,    // children
  kCount
};

// What a node of a writing program makes of a value.
enum class AvroWrite : std::uint8_t {
  kNull,
  kBool,
  kWhole,     // numbers: divide, multiply, is_int
  kReal,      // numbers: bytes of the value
  kBytes,
  kFixed,     // numbers: bytes
  kEnum,      // texts: symbols
  kDecimal,   // numbers: bytes or -1, power of ten to multiply by
  kRecord,    // children with texts: names, numbers: the part of the column, or -1 for a constant
  kArray,     // child: the element
  kMap,       // child: the value
  kConstant,  // texts: the bytes
  kCount
};

struct AvroNode {
  int op;
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  std::vector<std::uint32_t> children;
  // Of a union that is written: the branches of NULL and of the value; -1 where there is none.
  int null_branch = -1;
  int value_branch = -1;
};

class AvroReader {
 public:
  // Throws std::invalid_argument if the program is none.
  AvroReader(std::vector<AvroNode> nodes, std::vector<ColumnType> columns);

  // The rows of messages without their first `prefix` bytes, and the messages they are of. A NULL is
  // no message. Messages may be longer than what they say.
  void read_messages(const Column& messages, std::int64_t prefix, Batch& out, std::vector<Slot>& rows,
                     std::vector<MessageFault>& faults) const;
  // The `count` records that `block` holds, and nothing else. Throws std::invalid_argument else.
  void read_block(std::string_view block, std::int64_t count, Batch& out) const;

 private:
  std::vector<AvroNode> nodes_;
  std::vector<ColumnType> columns_;
};

// A value that cannot be written.
class AvroUnwritable : public std::invalid_argument {
 public:
  AvroUnwritable(std::int64_t row, const std::string& reason) : std::invalid_argument(reason), row(row) {}
  std::int64_t row;
};

class AvroWriter {
 public:
  explicit AvroWriter(std::vector<AvroNode> nodes);

  // A message of each row, after `prefix`. Throws AvroUnwritable.
  ColumnBuilder write_messages(Frame& rows, std::string_view prefix) const;
  // All rows, one after the other. Throws AvroUnwritable.
  Buffer write_block(Frame& rows) const;

 private:
  std::vector<AvroNode> nodes_;
};

}  // namespace flott
