// Random and damaged messages for the readers of Avro and Protobuf: nothing may be worse than a fault.
//
// Programs are random too, as far as they are well formed; what Python makes is a part of these.
// messages_fuzz [rounds] [first seed]. Build it with the sanitizers.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "flott/avro.h"
#include "flott/protobuf.h"

namespace {

using namespace flott;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int below(int count) { return static_cast<int>(engine_() % static_cast<unsigned>(count)); }
  char byte() { return static_cast<char>(engine_()); }

 private:
  std::mt19937 engine_;
};

// A column of messages: bytes that are mostly small numbers, as lengths and tags are.
ColumnBuilder messages_of(Random& random, int count) {
  ColumnBuilder messages(ColumnType{"vz", "f0", {}});
  for (int i = 0; i < count; ++i) {
    if (random.below(8) == 0) {
      messages.push_null();
      continue;
    }
    std::string message;
    const int length = random.below(60);
    for (int j = 0; j < length; ++j) {
      message.push_back(random.below(4) == 0 ? random.byte() : static_cast<char>(random.below(24)));
    }
    messages.push_bytes(message);
  }
  return messages;
}

struct Program {
  std::vector<AvroNode> nodes;

  std::uint32_t add(AvroRead op, std::vector<std::int64_t> numbers = {}, std::vector<std::string> texts = {},
                    std::vector<std::uint32_t> children = {}) {
    nodes.push_back(AvroNode{static_cast<int>(op), std::move(numbers), std::move(texts), std::move(children), -1, -1});
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }
};

std::uint32_t random_skip(Random& random, Program& program, int depth) {
  switch (random.below(depth > 3 ? 3 : 7)) {
    case 0: return program.add(AvroRead::kSkipWhole);
    case 1: return program.add(AvroRead::kSkipFixed, {random.below(9)});
    case 2: return program.add(AvroRead::kSkipBytes);
    case 3: return program.add(AvroRead::kSkipArray, {}, {}, {random_skip(random, program, depth + 1)});
    case 4: return program.add(AvroRead::kSkipMap, {}, {}, {random_skip(random, program, depth + 1)});
    case 5: {
      // A record that may hold itself.
      const auto whole = program.add(AvroRead::kSkipWhole);
      const auto self = static_cast<std::uint32_t>(program.nodes.size() + 1);
      program.add(AvroRead::kSkipUnion, {}, {}, {whole, self});
      return program.add(AvroRead::kSkipRecord, {}, {}, {whole, self - 1});
    }
    default:
      return program.add(AvroRead::kSkipUnion, {}, {}, {random_skip(random, program, depth + 1), random_skip(random, program, depth + 1)});
  }
}

// A node and the column it fills.
std::uint32_t random_node(Random& random, Program& program, ColumnType& type, int depth) {
  switch (random.below(depth > 2 ? 8 : 12)) {
    case 0: type.format = "b"; return program.add(AvroRead::kBool);
    case 1: type.format = "l"; return program.add(AvroRead::kWhole, {1 + random.below(1000), 1 + random.below(3), random.below(2), 64, INT64_MIN, INT64_MAX});
    case 2: type.format = "c"; return program.add(AvroRead::kWhole, {1, 1, 1, 8, -100, 100});
    case 3: type.format = "g"; return program.add(AvroRead::kReal, {random.below(2) ? 4 : 8, 64});
    case 4: type.format = "vu"; return program.add(AvroRead::kText);
    case 5: type.format = "vu"; return program.add(AvroRead::kEnum, {}, {"RED", "a longer name than that"});
    case 6: type.format = "vz"; return program.add(AvroRead::kFixed, {random.below(20), 0});
    case 7: type.format = "d:38,4"; return program.add(AvroRead::kDecimal, {random.below(2) ? -1 : random.below(20), 12, 2});
    case 8: {
      type = ColumnType{"+L", type.name, {ColumnType{"", "item", {}}}};
      const auto child = random_node(random, program, type.children[0], depth + 1);
      return program.add(AvroRead::kArray, {}, {}, {child});
    }
    case 9: {
      type = ColumnType{"+L", type.name, {ColumnType{"+s", "item", {ColumnType{"vu", "key", {}}, ColumnType{"", "value", {}}}}}};
      const auto child = random_node(random, program, type.children[0].children[1], depth + 1);
      return program.add(AvroRead::kMap, {}, {}, {child});
    }
    case 10: {
      const auto value = random_node(random, program, type, depth + 1);
      const auto null = program.add(AvroRead::kNull);
      return program.add(AvroRead::kUnion, {}, {}, {null, value});
    }
    default: {
      type = ColumnType{"+s", type.name, {ColumnType{"", "x", {}}, ColumnType{"", "y", {}}}};
      const auto x = random_node(random, program, type.children[0], depth + 1);
      const auto over = random_skip(random, program, 0);
      const auto y = random_node(random, program, type.children[1], depth + 1);
      return program.add(AvroRead::kRecord, {0, -1, 1}, {"x", "over", "y"}, {x, over, y});
    }
  }
}

// Reads the messages, and all of what came of them once more as Arrow.
template <typename Read>
void check(ColumnBuilder&& messages, Read&& read) {
  const std::int64_t count = messages.length();
  Batch input;
  input.add(std::move(messages));
  ArrowSchema schema;
  ArrowArray array;
  input.export_to(&schema, &array);
  Frame frame(&schema, &array);
  schema.release(&schema);
  Batch out;
  std::vector<Slot> rows;
  std::vector<MessageFault> faults;
  read(frame.column(0), out, rows, faults);
  if (out.rows() != static_cast<std::int64_t>(rows.size()) || out.rows() + static_cast<std::int64_t>(faults.size()) > count) {
    std::printf("messages_fuzz: rows are missing\n");
    std::abort();
  }
  out.export_to(&schema, &array);
  Frame again(&schema, &array);
  schema.release(&schema);
  for (std::size_t i = 0; i < again.width(); ++i) again.column(i);
}

void fuzz_avro(Random& random) {
  Program program;
  std::vector<ColumnType> columns(1 + static_cast<std::size_t>(random.below(4)));
  std::vector<std::int64_t> places;
  std::vector<std::string> names;
  std::vector<std::uint32_t> children;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].name = "f" + std::to_string(i);
    children.push_back(random_node(random, program, columns[i], 0));
    places.push_back(static_cast<std::int64_t>(i));
    names.push_back(columns[i].name);
  }
  program.add(AvroRead::kRecord, places, names, children);
  const AvroReader reader(program.nodes, columns);
  check(messages_of(random, 30), [&](const Column& messages, auto&... out) {
    reader.read_messages(messages, random.below(3), out...);
  });
  std::string block;
  for (int i = random.below(200); i > 0; --i) block.push_back(static_cast<char>(random.below(30)));
  try {
    Batch out;
    reader.read_block(block, random.below(40), out);
  } catch (const std::invalid_argument&) {
    // most blocks are none
  }
}

// A message that has every kind of field, itself included up to a depth.
int thing(Random& random, std::vector<PbNode>& nodes, std::vector<ColumnType>& columns, int depth) {
  PbNode node;
  static const char* const kFormats[] = {"i", "i", "i", "i", "i", "l", "l", "l", "l", "l", "b", "f", "g", "vu", "vz", "vu", "i"};
  const int count = 1 + random.below(8);
  for (int i = 0; i < count; ++i) {
    const int kind = random.below(depth > 2 ? 17 : 18);
    int flags = random.below(2) ? kPbPresence : 0;
    if (random.below(8) == 0) flags |= kPbRequired;
    if (random.below(3) == 0) flags |= kPbReadsDefault;
    PbField field{static_cast<std::uint32_t>(random.below(3) ? i + 1 : 300 + i), static_cast<PbKind>(kind), flags, i,
                  random.below(4) ? -1 : 0, -1, "x", 0, "", {{1, "ONE"}, {2, "TWO"}}};
    ColumnType type{"", "f" + std::to_string(i), {}};
    if (kind == static_cast<int>(PbKind::kMessage)) {
      std::vector<ColumnType> parts;
      field.node = thing(random, nodes, parts, depth + 1);
      type = ColumnType{"+s", type.name, parts};
    } else {
      type.format = kFormats[kind];
    }
    if (random.below(3) == 0) {
      field.flags = kPbRepeated | (flags & kPbReadsDefault);
      const std::string name = type.name;
      type.name = "item";
      type = ColumnType{"+L", name, {type}};
    }
    if (random.below(6) == 0) field.flags |= kPbClosed;
    node.fields.push_back(std::move(field));
    columns.push_back(std::move(type));
  }
  nodes.push_back(std::move(node));
  return static_cast<int>(nodes.size() - 1);
}

void fuzz_protobuf(Random& random) {
  std::vector<PbNode> nodes;
  std::vector<ColumnType> columns;
  thing(random, nodes, columns, 0);
  const ProtobufReader reader(nodes, columns);
  check(messages_of(random, 30), [&](const Column& messages, auto&... out) { reader.read_messages(messages, out...); });
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1000;
  const int first = argc > 2 ? std::atoi(argv[2]) : 1;
  for (int seed = first; seed < first + rounds; ++seed) {
    Random random(static_cast<unsigned>(seed));
    fuzz_avro(random);
    fuzz_protobuf(random);
  }
  std::printf("messages_fuzz: %d rounds\n", rounds);
}
