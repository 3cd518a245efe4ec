#include "flott/json_reader.h"

#include <algorithm>

#include "flott/json_compact.h"

namespace flott {
namespace {

constexpr std::size_t kSeenWords = 16;

}  // namespace

ColumnType JsonField::type() const {
  ColumnType made{format, name, {}};
  if (kind == JsonKind::kMap) {
    ColumnType value = children[0].type();
    value.name = "value";
    made.children.push_back(ColumnType{"+s", "item", {ColumnType{"vu", "key", {}}, std::move(value)}});
    return made;
  }
  for (const JsonField& child : children) made.children.push_back(child.type());
  if (kind == JsonKind::kList) made.children[0].name = "item";
  return made;
}

std::vector<ColumnBuilder> json_columns(const std::vector<JsonField>& fields) {
  std::vector<ColumnBuilder> columns;
  columns.reserve(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    ColumnType type = fields[i].type();
    type.name = "f" + std::to_string(i);
    columns.emplace_back(std::move(type));
  }
  return columns;
}

int JsonShape::search(const char* at, std::size_t& next, std::size_t& size) const {
  const std::size_t count = steps_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = next + i < count ? next + i : (next + i) % count;
    const Step& step = steps_[index];
    if (!step.is_at(at)) continue;
    next = index + 1;
    size = step.size;
    return step.field;
  }
  next = count;
  return kUnknown;
}

void JsonShape::learn(std::string_view key, int field) {
  if (steps_.size() == kStepsMax || key.size() > kJsonPadding) return;
  Step step{};
  step.text = key;
  step.size = step.text.size();
  step.field = field;
  char bytes[16] = {}, kept[16] = {};
  std::memcpy(bytes, step.text.data(), std::min<std::size_t>(step.size, 16));
  std::memset(kept, 0xFF, std::min<std::size_t>(step.size, 16));
  std::memcpy(step.words, bytes, sizeof bytes);
  std::memcpy(step.masks, kept, sizeof kept);
  steps_.push_back(std::move(step));
}

JsonReader::JsonReader(const std::vector<JsonField>& fields, JsonRules rules, std::vector<ColumnBuilder>& columns)
    : rules_(rules) {
  root_.fields = &fields;
  for (std::size_t i = 0; i < fields.size(); ++i) root_.children.push_back(make_node(fields[i], columns[i]));
}

JsonReader::Node JsonReader::make_node(const JsonField& field, ColumnBuilder& column) const {
  Node node;
  node.kind = field.kind;
  node.format = field.format[0];
  node.precision = field.precision;
  node.scale = field.scale;
  node.timestamps = {rules_.is_iso, field.is_zoned, field.format.size() > 2 && field.format[2] == 'u'};
  node.column = &column;
  node.fields = &field.children;
  if (field.kind == JsonKind::kMap) {
    node.children.push_back(make_node(field.children[0], column.child(0).child(1)));
    return node;
  }
  for (std::size_t i = 0; i < field.children.size(); ++i) {
    node.children.push_back(make_node(field.children[i], column.child(i)));
  }
  return node;
}

// Behind the opening brace.
void JsonReader::read_fields(Node& node, int depth) {
  const std::size_t count = node.children.size();
  if (depth > kJsonDepthMax || count > 64 * kSeenWords) json_give_up();
  std::uint64_t seen[kSeenWords];
  for (std::size_t i = 0; i <= count / 64 && i < kSeenWords; ++i) seen[i] = 0;
  std::size_t next = 0, found = 0;
  if (in_.peek() == '}') {
    in_.step();
  } else {
    do {
      const int index = read_key(node, next);
      if (index < 0) {
        in_.skip_value(depth + 1);
        continue;
      }
      std::uint64_t& word = seen[index / 64];
      const std::uint64_t bit = std::uint64_t{1} << index % 64;
      if (word & bit) json_give_up();  // the last of them counts
      word |= bit;
      ++found;
      read_value(node.children[static_cast<std::size_t>(index)], depth + 1);
    } while (in_.has_more('}'));
  }
  if (found != count) fill_missing(node, seen);
}

void JsonReader::fill_missing(Node& node, const std::uint64_t* seen) {
  if (rules_.needs_all) json_give_up();
  const auto is_seen = [&](std::size_t index) { return (seen[index / 64] >> index % 64 & 1) != 0; };
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Node& child = node.children[i];
    if (child.kind == JsonKind::kPresent) {
      child.column->push<std::uint8_t>(is_seen(static_cast<std::size_t>(child.precision)));
    } else if (!is_seen(i)) {
      child.column->push_null();
    }
  }
}

// The field of a key, which is passed with the colon behind it.
int JsonReader::read_key(Node& node, std::size_t& next) {
  in_.need('"');
  std::size_t size = 0;
  int index = node.shape.find(in_.at(), next, size);
  if (index != JsonShape::kUnknown) {
    in_.step(size);
  } else {
    // Learned as it stands there, escapes and all.
    const char* const start = in_.at();
    const std::string_view key = in_.any_string();
    const auto& fields = *node.fields;
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const JsonField& each) {
      return each.name == key && each.kind != JsonKind::kPresent;
    });
    index = field == fields.end() ? JsonShape::kOther : static_cast<int>(field - fields.begin());
    node.shape.learn({start, static_cast<std::size_t>(in_.at() - start)}, index);
    ++next;
  }
  in_.need(':');
  return index;
}

void JsonReader::read_value(Node& node, int depth) {
  if (depth > kJsonDepthMax) json_give_up();
  const char c = in_.peek();
  if (c == 'n') {
    in_.need_word("null");
    return node.column->push_null();
  }
  switch (node.kind) {
    case JsonKind::kBool: return read_bool(c, *node.column);
    case JsonKind::kWhole: return read_whole(c, node);
    case JsonKind::kReal: return read_real(c, node);
    case JsonKind::kDecimal: return read_decimal(c, node);
    case JsonKind::kText: return read_text(c, *node.column, depth);
    case JsonKind::kDate: return node.column->push(static_cast<std::int32_t>(dates_.days(need_string())));
    case JsonKind::kTime: return node.column->push(json_time(need_string()));
    case JsonKind::kTimestamp: return node.column->push(dates_.timestamp(need_string(), node.timestamps));
    case JsonKind::kRow:
      in_.need('{');
      read_fields(node, depth);
      return node.column->close_struct();
    case JsonKind::kList: return read_list(node, depth);
    case JsonKind::kMap: return read_map(node, depth);
    case JsonKind::kString:
      if (c != '"') json_give_up();
      return read_text(c, *node.column, depth);
    case JsonKind::kBytes:
      scratch_.shrink(0);
      json_bytes(need_string(), scratch_);
      return node.column->push_bytes({scratch_.data(), scratch_.size()});
    case JsonKind::kPresent: json_give_up();
  }
}

void JsonReader::read_bool(char c, ColumnBuilder& column) {
  if (c == 't') {
    in_.need_word("true");
  } else {
    in_.need_word("false");
  }
  column.push<std::uint8_t>(c == 't');
}

void JsonReader::read_whole(char c, Node& node) {
  std::string_view text;
  if (c == '"') {
    text = need_string();
  } else {
    const JsonNumber number = in_.number();
    if (!number.is_whole) json_give_up();
    text = number.text;
  }
  const std::int64_t value = json_whole(text);
  const auto push_narrow = [&](auto zero) {
    const auto narrow = static_cast<decltype(zero)>(value);
    if (narrow != value) json_give_up();
    node.column->push(narrow);
  };
  switch (node.format) {
    case 'c': return push_narrow(std::int8_t{});
    case 's': return push_narrow(std::int16_t{});
    case 'i': return push_narrow(std::int32_t{});
    default: node.column->push(value);
  }
}

void JsonReader::read_real(char c, Node& node) {
  if (c == '"') json_give_up();
  const double value = json_real(in_.number().text);
  if (node.format == 'f') return node.column->push(static_cast<float>(value));
  node.column->push(value);
}

void JsonReader::read_decimal(char c, Node& node) {
  bool is_null = false;
  const std::string_view text = c == '"' ? need_string() : in_.number().text;
  const Int128 value = json_decimal(text, node.precision, node.scale, is_null);
  if (is_null) return node.column->push_null();
  node.column->push(value);
}

void JsonReader::read_text(char c, ColumnBuilder& column, int depth) {
  std::string_view text;
  if (c == '"') {
    in_.step();
    text = in_.any_string();
  } else if (c == 't') {
    in_.need_word("true");
    text = {in_.at() - 4, 4};
  } else if (c == 'f') {
    in_.need_word("false");
    text = {in_.at() - 5, 5};
  } else if (c == '{' || c == '[') {
    scratch_.shrink(0);
    compact_json(in_, depth, scratch_);
    scratch_.reserve(scratch_.size() + ColumnBuilder::kReadAhead);
    text = {scratch_.data(), scratch_.size()};
  } else {
    text = in_.number().text;
  }
  column.push_padded(text.data(), text.size());
}

void JsonReader::read_list(Node& node, int depth) {
  in_.need('[');
  if (in_.peek() == ']') {
    in_.step();
  } else {
    do {
      read_value(node.children[0], depth + 1);
    } while (in_.has_more(']'));
  }
  node.column->close_list();
}

// Keys that repeat would have to be one entry: there are few of them, compare them all.
void JsonReader::read_map(Node& node, int depth) {
  in_.need('{');
  if (in_.peek() == '}') {
    in_.step();
    return node.column->close_list();
  }
  ColumnBuilder& entry = node.column->child(0);
  std::vector<std::string_view> keys;
  do {
    const std::string_view key = need_string();
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) json_give_up();
    keys.push_back(key);
    entry.child(0).push_padded(key.data(), key.size());
    in_.need(':');
    read_value(node.children[0], depth + 1);
    entry.close_struct();
  } while (in_.has_more('}'));
  node.column->close_list();
}

}  // namespace flott
