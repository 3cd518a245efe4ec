// Python face of join_step.h.
#include "flott/join_step.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "flott/row_store.h"
#include "row_arguments.h"

namespace nb = nanobind;

namespace {

using flott::Batch;
using flott::erase_emptied;
using flott::exported;
using flott::Frame;
using flott::JoinShape;
using flott::JoinStep;
using flott::KeyIndex;
using flott::numbers_in;
using flott::RowStore;
using flott::Slot;
using flott::slots_of;

class BoundStep {
 public:
  BoundStep(KeyIndex* index, RowStore& own, RowStore& other, nb::handle rows, const std::vector<std::size_t>& keys,
            std::uint64_t never_null, nb::handle kinds, const JoinShape& shape, std::int64_t now_ms)
      : index_(index) {
    std::shared_ptr<Frame> frame = flott::import_frame(rows);
    std::vector<std::int8_t> all_kinds;
    if (!kinds.is_none()) all_kinds = numbers_in<std::int8_t>(kinds);
    nb::gil_scoped_release released;
    own.table().check(*frame);
    std::vector<Slot> slots = slots_of(index, *frame, keys, never_null, shape.keeps_rows);
    step_.emplace(own, other, std::move(frame), std::move(slots), std::move(all_kinds), shape, now_ms);
  }

  std::size_t pairs() const { return step_->pairs(); }

  nb::object candidates() {
    Batch batch;
    {
      nb::gil_scoped_release released;
      batch = step_->candidates();
    }
    return exported(std::move(batch));
  }

  void finish(nb::handle mask) {
    std::unique_ptr<Frame> passing;
    if (!mask.is_none()) {
      passing = flott::import_frame(mask);
      if (passing->column(0).storage != flott::Storage::kBool || passing->rows() != static_cast<std::int64_t>(step_->pairs())) {
        throw nb::value_error("a condition gives one Boolean for each pair");
      }
    }
    nb::gil_scoped_release released;
    step_->finish(passing ? passing->column(0).values<std::uint8_t>() : nullptr);
    erase_emptied(index_, step_->emptied());
  }

  // None when there are no more.
  nb::object take(std::size_t most) {
    if (!step_->rows_left()) return nb::none();
    Batch batch;
    {
      nb::gil_scoped_release released;
      batch = step_->take(most);
    }
    return exported(std::move(batch));
  }

  // After a plain step whose candidates are the result.
  void close() { erase_emptied(index_, step_->emptied()); }

  bool has_kinds() const { return step_->has_kinds(); }
  bool is_plain() const { return step_->is_plain(); }

 private:
  KeyIndex* index_;
  std::optional<JoinStep> step_;
};

}  // namespace

void bind_join_step(nb::module_& module) {
  nb::class_<JoinShape>(module, "JoinShape")
      .def("__init__", [](JoinShape* self, int result, bool own_is_left, bool pads_own, bool pads_other,
                          bool is_final, int time_column, std::int64_t lower, std::int64_t upper) {
        new (self) JoinShape{static_cast<flott::JoinResult>(result), own_is_left, pads_own, pads_other, is_final,
                             true, false, time_column, lower, upper, INT64_MIN, {}, {}};
      }, nb::arg("result"), nb::arg("own_is_left"), nb::arg("pads_own"), nb::arg("pads_other"), nb::arg("is_final"),
           nb::arg("time_column") = -1, nb::arg("lower") = 0, nb::arg("upper") = 0)
      .def_rw("keeps_rows", &JoinShape::keeps_rows)
      .def_rw("keeps_kinds", &JoinShape::keeps_kinds)
      .def_rw("keep_after", &JoinShape::keep_after)
      .def_rw("outputs", &JoinShape::outputs)
      .def("compare", [](JoinShape& self, std::uint32_t first, const std::string& text, std::uint32_t second) {
        using Operator = flott::Comparison::Operator;
        static const std::array<std::pair<const char*, Operator>, 6> kOperators{{
            {"=", Operator::kEqual}, {"<>", Operator::kNotEqual}, {"<", Operator::kLess},
            {"<=", Operator::kLessOrEqual}, {">", Operator::kGreater}, {">=", Operator::kGreaterOrEqual}}};
        for (const auto& [name, is] : kOperators) {
          if (text == name) return self.comparisons.push_back({first, is, second});
        }
        throw nb::value_error("no such comparison");
      });
  nb::class_<BoundStep>(module, "JoinStep")
      .def(nb::init<KeyIndex*, RowStore&, RowStore&, nb::handle, const std::vector<std::size_t>&, std::uint64_t,
                    nb::handle, const JoinShape&, std::int64_t>(),
           nb::arg("index").none(), nb::arg("own"), nb::arg("other"), nb::arg("rows"), nb::arg("keys"),
           nb::arg("never_null"), nb::arg("kinds").none(), nb::arg("shape"), nb::arg("now_ms"),
           nb::keep_alive<1, 2>(), nb::keep_alive<1, 3>(), nb::keep_alive<1, 4>())
      .def_prop_ro("pairs", &BoundStep::pairs)
      .def_prop_ro("has_kinds", &BoundStep::has_kinds)
      .def_prop_ro("is_plain", &BoundStep::is_plain)
      .def("close", &BoundStep::close)
      .def("candidates", &BoundStep::candidates)
      .def("finish", &BoundStep::finish, nb::arg("mask").none())
      .def("take", &BoundStep::take, nb::arg("rows_max"));
}
