// JSON objects into columns, where they are what a table expects.
//
// The reader takes what is clean and plain: objects whose fields have the JSON type that belongs to
// their column, in any order, others passed over, missing ones NULL. Anything else, well-formed or
// not, it gives up (json_scanner.h): then slower code reads the text by all the rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flott/column_builder.h"
#include "flott/json_fields.h"
#include "flott/json_scanner.h"
#include "flott/json_values.h"

namespace flott {

struct JsonRules {
  bool is_iso;     // a T stands between date and time and seconds may be left out
  bool needs_all;  // no field may be missing
};

// The keys that objects had so far, in the order they came. Most objects have the same in the same
// order, so that the next key is known before it is read: then it is only compared.
class JsonShape {
 public:
  static constexpr int kOther = -1;    // a key that is no field
  static constexpr int kUnknown = -2;  // a key not seen so far

  // Behind the opening quote of a key, `next` being the step that is expected: its field, or one of
  // the two. `size` is that of the key and its closing quote.
  int find(const char* at, std::size_t& next, std::size_t& size) const {
    if (next < steps_.size() && steps_[next].is_at(at)) {
      size = steps_[next].size;
      return steps_[next++].field;
    }
    return search(at, next, size);
  }
  // A key as it is written, with the closing quote.
  void learn(std::string_view key, int field);

 private:
  struct Step {
    std::uint64_t words[2], masks[2];
    std::size_t size;
    int field;
    std::string text;

    bool is_at(const char* at) const {
      if (((json_word(at) ^ words[0]) & masks[0]) | ((json_word(at + 8) ^ words[1]) & masks[1])) return false;
      return size <= 16 || std::memcmp(at, text.data(), size) == 0;
    }
  };
  static constexpr std::size_t kStepsMax = 64;
  int search(const char* at, std::size_t& next, std::size_t& size) const;

  std::vector<Step> steps_;
};

class JsonReader {
 public:
  // The columns must stay where they are.
  JsonReader(const std::vector<JsonField>& fields, JsonRules rules, std::vector<ColumnBuilder>& columns);

  JsonScanner& scanner() { return in_; }
  // An object, with its braces. When it is given up the columns have parts of it: `truncate` them.
  void read_object() {
    in_.need('{');
    read_fields(root_, 0);
  }

 private:
  struct Node {
    JsonKind kind = JsonKind::kRow;
    char format = '+';
    int precision = 0, scale = 0;
    JsonTimestamps timestamps{};
    ColumnBuilder* column = nullptr;
    std::vector<Node> children;
    const std::vector<JsonField>* fields = nullptr;
    JsonShape shape;
  };

  Node make_node(const JsonField& field, ColumnBuilder& column) const;
  void read_fields(Node& node, int depth);
  void fill_missing(Node& node, const std::uint64_t* seen);
  int read_key(Node& node, std::size_t& next);
  void read_value(Node& node, int depth);
  void read_bool(char c, ColumnBuilder& column);
  void read_whole(char c, Node& node);
  void read_real(char c, Node& node);
  void read_decimal(char c, Node& node);
  void read_text(char c, ColumnBuilder& column, int depth);
  void read_list(Node& node, int depth);
  void read_map(Node& node, int depth);
  std::string_view need_string() {
    in_.need('"');
    return in_.plain_string();
  }

  JsonScanner in_;
  JsonDates dates_;
  Buffer scratch_;
  const JsonRules rules_;
  Node root_;
};

// Empty columns f0, f1, ... of fields.
std::vector<ColumnBuilder> json_columns(const std::vector<JsonField>& fields);

}  // namespace flott
