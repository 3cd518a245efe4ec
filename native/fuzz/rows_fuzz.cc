// Random changes for row stores, joins and Top-N, checked against results computed from scratch; batches
// packed for the wire, whole and damaged.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "flott/batch_pack.h"
#include "flott/join_step.h"
#include "flott/row_store.h"
#include "flott/top_n.h"
#include "fuzzing.h"

namespace {

using namespace flott;
using namespace fuzzing;

// A result: how often each of its rows is there, as text.
using Result = std::map<std::string, std::int64_t>;

std::string text_of(const std::optional<std::string>& value) { return value ? "'" + *value + "'" : "NULL"; }
std::string text_of(const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : "NULL"; }
std::string text_of(const Row& row) { return text_of(row.key) + " " + text_of(row.value); }

std::string text_at(const Column& column, std::int64_t row) {
  if (!column.is_valid(row)) return "NULL";
  if (column.storage == Storage::kBytes) return "'" + std::string(column.bytes(row)) + "'";
  return std::to_string(column.values<std::int64_t>()[row]);
}

// Applies what an operator says has changed.
void apply(Batch&& batch, bool has_kinds, Result& result) {
  if (!batch.width()) return;
  const auto frame = as_frame(std::move(batch));
  const std::size_t width = frame->width() - has_kinds;
  for (std::int64_t row = 0; row < frame->rows(); ++row) {
    std::string text = text_at(frame->column(0), row);
    for (std::size_t c = 1; c < width; ++c) text += " " + text_at(frame->column(c), row);
    const bool comes = !has_kinds || is_accumulate(frame->column(width).values<std::int8_t>()[row]);
    if ((result[text] += comes ? 1 : -1) == 0) result.erase(text);
  }
}

// A slot for each key; kNoSlot for NULL.
std::vector<Slot> slots_of(const std::vector<Row>& rows) {
  std::vector<Slot> slots;
  for (const Row& row : rows) {
    const auto* const at = std::find_if(kKeys, kKeys + kKeyCount, [&](const char* key) { return row.key == key; });
    slots.push_back(at == kKeys + kKeyCount ? kNoSlot : static_cast<Slot>(at - kKeys));
  }
  return slots;
}

// --- joins

struct JoinKind {
  JoinResult result;
  bool pads[2];  // left, right rows without a partner are shown
};

constexpr JoinKind kJoins[] = {
    {JoinResult::kPairs, {false, false}}, {JoinResult::kPairs, {true, false}}, {JoinResult::kPairs, {false, true}},
    {JoinResult::kPairs, {true, true}},   {JoinResult::kSemi, {false, false}}, {JoinResult::kAnti, {false, false}}};

Result join(const JoinKind& kind, const std::vector<Row>& left, const std::vector<Row>& right, bool compares) {
  Result result;
  std::vector<bool> is_matched(right.size());
  for (const Row& a : left) {
    bool has_partner = false;
    for (std::size_t i = 0; i < right.size(); ++i) {
      const Row& b = right[i];
      const bool is_less = !compares || (a.value && b.value && *a.value < *b.value);
      if (!a.key || a.key != b.key || !is_less) continue;
      has_partner = is_matched[i] = true;
      if (kind.result == JoinResult::kPairs) ++result[text_of(a) + " " + text_of(b)];
    }
    if (kind.result == JoinResult::kPairs ? kind.pads[0] && !has_partner
                                          : has_partner == (kind.result == JoinResult::kSemi)) {
      ++result[text_of(a) + (kind.result == JoinResult::kPairs ? " NULL NULL" : "")];
    }
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (kind.pads[1] && !is_matched[i]) ++result["NULL NULL " + text_of(right[i])];
  }
  return result;
}

void fuzz_join(Bytes& in) {
  const JoinKind& kind = kJoins[in.take(6)];
  const bool retracts = in.flip(), compares = in.flip();
  RowStore::Options options;
  options.has_identity = retracts;
  options.is_tracked = true;
  RowStore stores[2] = {{row_types(), options}, {row_types(), options}};
  std::vector<Row> held[2];
  Result result;
  while (!in.is_empty()) {
    const int side = in.take(2);
    Changes changes = take_changes(in, held[side], retracts);
    if (!retracts) changes.kinds.clear();
    JoinShape shape;
    shape.result = kind.result;
    shape.own_is_left = side == 0;
    shape.pads_own = kind.pads[side];
    shape.pads_other = kind.pads[1 - side];
    if (compares) shape.comparisons.push_back({1, Comparison::Operator::kLess, 3});
    JoinStep step(stores[side], stores[1 - side], make_frame(changes.rows), slots_of(changes.rows),
                  std::move(changes.kinds), shape, 0);
    step.finish(nullptr);
    const auto most = static_cast<std::size_t>(1 + in.take(3));
    while (step.rows_left()) apply(step.take(most), step.has_kinds(), result);
    step.emptied();
    check(result == join(kind, held[0], held[1], compares), "a join");
  }
}

// --- Top-N

void fuzz_top_n(Bytes& in) {
  TopNSpec spec;
  spec.order = {{1, in.flip(), in.flip()}};
  spec.first = 1 + in.take(3);
  spec.last = spec.first + in.take(4);
  spec.has_rank = in.flip();
  spec.retracts = in.flip();
  spec.emits_update_before = true;
  spec.identity = {0, 1};
  RowStore::Options options;
  options.is_tracked = options.is_lean = true;
  RowStore store(row_types(), options);
  TopN top(spec);
  std::vector<Row> held;
  Result result;
  while (!in.is_empty()) {
    const Changes changes = take_changes(in, held, spec.retracts);
    std::vector<Slot> slots = slots_of(changes.rows);
    for (Slot& slot : slots) slot = slot == kNoSlot ? kKeyCount : slot;
    const auto frame = make_frame(changes.rows);
    std::vector<RowId> gone;
    Batch batch = top.process(store, slots, *frame, spec.retracts ? changes.kinds.data() : nullptr, 0, gone);
    apply(std::move(batch), true, result);
    for (const RowId id : gone) store.remove(id);

    Result expected;
    std::vector<Row> ordered = held;
    const auto [position, is_ascending, nulls_first] = spec.order[0];
    std::stable_sort(ordered.begin(), ordered.end(), [&](const Row& a, const Row& b) {
      if (a.key != b.key) return a.key < b.key;
      if (!a.value || !b.value) return (nulls_first ? b : a).value.has_value() && !(nulls_first ? a : b).value;
      return is_ascending ? *a.value < *b.value : *a.value > *b.value;
    });
    std::int64_t rank = 0;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      rank = i && ordered[i].key == ordered[i - 1].key ? rank + 1 : 1;
      if (rank < spec.first || rank > spec.last) continue;
      ++expected[text_of(ordered[i]) + (spec.has_rank ? " " + std::to_string(rank) : "")];
    }
    check(result == expected, "the first rows");
  }
}

// --- packed batches

std::unique_ptr<Frame> take_frame(Bytes& in) {
  static const char* const kFormats[] = {"vu", "l", "b", "d:38,2", "n", "vz", "c", "g"};
  const int rows = in.take(40);
  Batch batch;
  for (int c = 1 + in.take(6); c > 0; --c) {
    ColumnBuilder column(ColumnType{kFormats[in.take(8)], "f" + std::to_string(c), {}});
    for (int i = 0; i < rows; ++i) {
      const Storage storage = column.type().storage();
      if (storage == Storage::kNull || in.take(5) == 0) {
        column.push_null();
      } else if (storage == Storage::kBytes) {
        column.push_bytes(kKeys[in.take(kKeyCount)]);
      } else {
        const int value = in.take(storage == Storage::kBool ? 2 : 100);
        with_type(storage, [&](auto zero) { column.push(static_cast<decltype(zero)>(value)); });
      }
    }
    batch.add(std::move(column));
  }
  return as_frame(std::move(batch));
}

bool is_equal(const Column& a, std::int64_t i, const Column& b, std::int64_t j) {
  if (a.is_valid(i) != b.is_valid(j)) return false;
  if (!a.is_valid(i)) return true;
  if (a.storage == Storage::kBytes) return a.bytes(i) == b.bytes(j);
  return with_type(a.storage, [&](auto zero) {
    using T = decltype(zero);
    return a.values<T>()[i] == b.values<T>()[j];
  });
}

// Every value of a batch is where memory is.
void read_all(Batch&& batch) {
  const auto frame = as_frame(std::move(batch));
  for (std::size_t c = 0; c < frame->width(); ++c) {
    const Column& column = frame->column(c);
    for (std::int64_t i = 0; i < frame->rows() && column.storage != Storage::kNull; ++i) {
      check(is_equal(column, i, column, i) || column.storage == Storage::kFloat64, "a value equals itself");
    }
  }
}

void fuzz_packing(Bytes& in) {
  const auto frame = take_frame(in);
  const bool takes_all = in.flip() || frame->rows() == 0;
  std::vector<std::uint32_t> rows;
  for (int i = takes_all ? 0 : in.take(20); i > 0; --i) {
    rows.push_back(static_cast<std::uint32_t>(in.take(static_cast<int>(frame->rows()))));
  }
  BatchPacker packer(*frame, rows, takes_all);
  std::string packed(packer.bytes_max(), '\0');
  packed.resize(packer.write(packed.data()));

  const auto again = as_frame(unpack_batch(packed));
  const std::int64_t count = takes_all ? frame->rows() : static_cast<std::int64_t>(rows.size());
  check(again->rows() == count && again->width() == frame->width(), "the size of an unpacked batch");
  for (std::size_t c = 0; c < frame->width(); ++c) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t source = takes_all ? i : rows[static_cast<std::size_t>(i)];
      check(is_equal(again->column(c), i, frame->column(c), source), "an unpacked value");
    }
  }
  for (int damage = in.take(12); damage > 0 && !packed.empty(); --damage) {
    // Heads are where it hurts most.
    const std::size_t below = in.flip() ? std::min<std::size_t>(packed.size(), 60) : packed.size();
    packed[static_cast<std::size_t>(in.take(256) * 256 + in.take(256)) % below] = static_cast<char>(in.take(256));
    if (in.take(8) == 0) packed.resize(packed.size() / 2);
    try {
      read_all(unpack_batch(packed));
    } catch (const std::invalid_argument&) {
      // most of them are no batch any more
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes in(data, size);
  switch (in.take(3)) {
    case 0: fuzz_join(in); break;
    case 1: fuzz_top_n(in); break;
    default: fuzz_packing(in);
  }
  return 0;
}

#ifndef FLOTT_LIBFUZZER
int main(int argc, char** argv) { return fuzzing::run("rows_fuzz", argc, argv, LLVMFuzzerTestOneInput); }
#endif
