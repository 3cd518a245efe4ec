// Random and damaged JSON through the kernels, beside a parser that is slow and plain.
//
// What the kernels take, the parser must take, with the same texts and numbers; what neither has a
// reason to refuse, the kernels must take. What is written must be read as it was. As for columns:
// json_fuzz [rounds] [first seed], or as LLVMFuzzerTestOneInput.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "flott/json_lines.h"
#include "flott/json_messages.h"
#include "flott/json_writer.h"
#include "flott/utf8.h"

namespace {

using namespace flott;

void check(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::printf("json_fuzz: %s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

struct Refused {};

// How many texts had columns made of them, so that a fuzzer that finds only rubbish is noticed.
int taken_count = 0;

// A value at the top level of an object: its text as written, and what a string means.
struct Member {
  std::string key;
  std::string raw;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // Reads one object and nothing else.
  std::vector<Member> parse() {
    blanks();
    if (peek() != '{') throw Refused{};
    value(0);
    blanks();
    if (at_ != text_.size()) throw Refused{};
    return members_;
  }
  // Whether something in it is well-formed but for slower code.
  bool is_unusual() const { return is_unusual_; }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char next() {
    if (at_ == text_.size()) throw Refused{};
    return text_[at_++];
  }
  void need(char c) {
    if (next() != c) throw Refused{};
  }
  void word(std::string_view expected) {
    for (char c : expected) need(c);
  }
  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  void digits() {
    if (peek() < '0' || peek() > '9') throw Refused{};
    while (peek() >= '0' && peek() <= '9') ++at_;
  }
  void number() {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (text_.substr(start, at_ - start) == "-0" && peek() != '.' && (peek() | 32) != 'e') is_unusual_ = true;
    if (peek() == '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
  }
  std::string string() {
    std::string found;
    need('"');
    for (char c = next(); c != '"'; c = next()) {
      if (static_cast<unsigned char>(c) < 0x20) throw Refused{};
      if (c == '\\') {
        c = next();
        if (c == 'u') {
          for (int i = 0; i < 4; ++i) {
            if (!std::isxdigit(static_cast<unsigned char>(next()))) throw Refused{};
          }
          const char first = text_[at_ - 4], second = text_[at_ - 3];
          is_unusual_ |= (first == 'd' || first == 'D') && second >= '8';
          found += std::string("u") + std::string(text_.substr(at_ - 4, 4));
          continue;
        }
        if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) throw Refused{};
      }
      found += c;
    }
    return found;
  }
  void value(int depth) {
    is_unusual_ |= depth > 60;
    if (depth > 2000) throw Refused{};
    switch (peek()) {
      case '"': string(); return;
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      case '{': return container('}', depth);
      case '[': return container(']', depth);
      default: number();
    }
  }
  void container(char closing, int depth) {
    ++at_;
    blanks();
    if (peek() == closing) {
      ++at_;
      return;
    }
    for (;;) {
      blanks();
      std::string key;
      if (closing == '}') {
        key = string();
        blanks();
        need(':');
        blanks();
      }
      const std::size_t start = at_;
      value(depth + 1);
      if (depth == 0) members_.push_back({key, std::string(text_.substr(start, at_ - start))});
      blanks();
      const char c = next();
      if (c == closing) return;
      if (c != ',') throw Refused{};
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool is_unusual_ = false;
  std::vector<Member> members_;
};

std::unique_ptr<Frame> frame_of(Batch&& batch) {
  ArrowSchema schema{};
  ArrowArray array{};
  batch.export_to(&schema, &array);
  auto frame = std::make_unique<Frame>(&schema, &array);
  schema.release(&schema);
  return frame;
}

PlainRows read(const std::vector<JsonField>& fields, std::string_view text) {
  ColumnBuilder messages(ColumnType{"vz", "", {}});
  messages.push_bytes(R"({"s":"before"})");
  messages.push_null();
  messages.push_bytes(text);
  messages.push_bytes(R"({"s":"behind"})");
  Batch batch;
  batch.add(std::move(messages));
  const auto frame = frame_of(std::move(batch));
  return JsonMessages(fields, {false, false}).read_messages(frame->column(0));
}

std::vector<JsonField> all_fields() {
  const JsonField text{"s", JsonKind::kText, "vu"}, whole{"l", JsonKind::kWhole, "l"};
  return {text,
          whole,
          {"i", JsonKind::kWhole, "i"},
          {"b", JsonKind::kBool, "b"},
          {"d", JsonKind::kReal, "g"},
          {"f", JsonKind::kReal, "f"},
          {"de", JsonKind::kDecimal, "d:38,3", 12, 3},
          {"by", JsonKind::kBytes, "vz"},
          {"dt", JsonKind::kDate, "tdD"},
          {"tm", JsonKind::kTime, "ttn"},
          {"ts", JsonKind::kTimestamp, "tsu:"},
          {"tz", JsonKind::kTimestamp, "tsn:", 0, 0, true},
          {"r", JsonKind::kRow, "+s", 0, 0, false, {text, whole}},
          {"a", JsonKind::kList, "+L", 0, 0, false, {{"item", JsonKind::kRow, "+s", 0, 0, false, {whole}}}},
          {"m", JsonKind::kMap, "+L", 0, 0, false, {{"value", JsonKind::kReal, "g"}}}};
}

// With no field wanted, only the grammar counts.
void check_grammar(std::string_view text) {
  bool is_object = is_utf8(text), is_unusual = false;
  Parser parser(text);
  try {
    parser.parse();
    is_unusual = parser.is_unusual();
  } catch (const Refused&) {
    is_object = false;
  }
  const auto found = read({}, text);
  check(found.messages.length() == found.rows, "each row has a message", text);
  if (found.rows == 3) check(is_object, "taken, but no object", text);
  if (is_object && !is_unusual) check(found.rows == 3, "an object, but not taken", text);
}

// Whatever is taken comes back the same from what is written of it.
void check_values(std::string_view text) {
  static const std::vector<JsonField> fields = all_fields();
  auto found = read(fields, text);
  check(found.rows + found.left.length() <= 3, "a message counts once", text);
  check(found.batch.rows() == found.rows, "columns are as long as rows", text);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    check(found.batch.column(i).length() == found.rows, "all columns are as long", text);
  }
  const bool is_taken = found.rows == 3;
  taken_count += is_taken;
  const auto frame = frame_of(std::move(found.batch));
  check(frame->column(0).bytes(frame->rows() - 1) == "behind", "the next message is itself", text);
  const JsonWriter writer(fields, {false, true, false}, {});
  ColumnBuilder written(ColumnType{"vz", "", {}}), again(ColumnType{"vz", "", {}});
  if (!writer.write_messages(*frame, nullptr, written) || !is_taken) return;
  Batch batch;
  batch.add(std::move(written));
  const auto messages = frame_of(std::move(batch));
  const std::string first(messages->column(0).bytes(1));
  const auto second = frame_of(std::move(read(fields, first).batch));
  check(second->rows() == 3, "what is written is read", first);
  check(writer.write_messages(*second, nullptr, again), "what is read is written", first);
  Batch other;
  other.add(std::move(again));
  check(frame_of(std::move(other))->column(0).bytes(1) == first, "what is written stays the same", first);
  Parser(first).parse();
}

// A whole number at the top level is what it says.
void check_numbers(std::string_view text) {
  static const std::vector<JsonField> fields{{"l", JsonKind::kWhole, "l"}};
  auto found = read(fields, text);
  if (found.rows != 3) return;
  std::optional<std::string> raw;
  for (const Member& member : Parser(text).parse()) {
    if (member.key == "l") raw = member.raw;
  }
  const auto frame = frame_of(std::move(found.batch));
  const Column& column = frame->column(0);
  check(column.is_valid(1) == (raw && *raw != "null"), "NULL or not", text);
  if (!column.is_valid(1) || raw->front() == '"') return;
  check(std::to_string(column.values<std::int64_t>()[1]) == *raw, "the number itself", text);
}

// Lines are read as messages are, where they are lines.
void check_lines(std::string_view text) {
  if (text.find_first_of("\r\n") != std::string_view::npos || !is_utf8(text)) return;
  static const std::vector<JsonField> fields = all_fields();
  const bool is_taken = read(fields, text).rows == 3;
  std::string lines;
  for (int i = 0; i < 3; ++i) lines += std::string(text) + "\n" + R"({"s":"a line between"})" + "\n";
  Batch batch;
  std::int64_t rows = 0;
  const bool are_taken = JsonLines(fields, {false, false}).read_lines(lines, batch, rows);
  if (is_taken) check(are_taken && rows == 6, "lines are taken as messages are", text);
  if (are_taken && rows == 6) check(is_taken, "messages are taken as lines are", text);
}

void check_all(std::string_view text) {
  check_grammar(text);
  check_values(text);
  check_numbers(text);
  check_lines(text);
}

const char* const kPlain[] = {
    R"({"s":"a","l":-9223372036854775808,"i":12,"b":true,"d":1.25e-3,"f":0.5,"de":"12.3455"})",
    R"({"dt":"2024-02-29","tm":"12:34:56.7","ts":"1969-12-31 23:59:59.999","tz":"2024-01-01 00:00:00Z"})",
    R"( { "r" : {"s":null,"l":7} , "a":[{"l":1},null,{}] , "m":{"x":1.5,"y":null}, "z":[[],{"":-0.1}]} )",
    R"({"s":"\u00e9\n\"\\\/\ud83d\ude00 and more than sixteen bytes","other":"\u0000","s2":"x","l":null})",
    R"({"by":"YWJjZA==","s":{"a" : [1, 2.50, null],"b":{"c":"\u00e9"}},"other":[{"a":-0.0}]})",
    R"({"long keys are keys too, even those of many bytes":"here is a value","l":"+18","d":123456789012345678})",
};
const char kBytes[] = "{}[]\",:\\/ 0123456789+-.eEtrufalsn\n\r\t\x01\xc3\xa9\xff\xed\xa0\x80T:-Z";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // An even first byte: the rest as it is. Else changes of one of the texts above.
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 1) {
    text = kPlain[data[0] / 2 % std::size(kPlain)];
    for (std::size_t i = 1; i + 2 < size; i += 3) {
      const std::size_t at = text.empty() ? 0 : data[i] % text.size();
      const char c = kBytes[data[i + 1] % (sizeof kBytes - 1)];
      switch (data[i + 2] % 4) {
        case 0: text.insert(at, 1, c); break;
        case 1: text.erase(at, 1 + data[i + 1] % 4); break;
        case 2: text.insert(at, text.substr(data[i + 1] % (text.size() + 1), 9)); break;
        default: if (!text.empty()) text[at] = c;
      }
    }
  }
  check_all(text);
  return 0;
}

#ifndef FLOTT_LIBFUZZER
int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 1000;
  const unsigned first = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
  for (const char* plain : kPlain) check_all(plain);
  for (unsigned seed = first; seed < first + static_cast<unsigned>(rounds); ++seed) {
    std::mt19937 random(seed);
    const bool is_short = random() % 4 != 0;
    std::vector<std::uint8_t> bytes(1 + random() % (is_short ? 10 : 80));
    for (std::uint8_t& each : bytes) {
      each = static_cast<std::uint8_t>(random() % 2 ? random() : static_cast<std::uint8_t>(kBytes[random() % (sizeof kBytes - 1)]));
    }
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("json_fuzz: %d rounds, %d texts taken, ok\n", rounds, taken_count);
}
#endif
