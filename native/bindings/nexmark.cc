// Python face of the events of the Nexmark benchmark.
#include <nanobind/nanobind.h>
#include <nanobind/stl/tuple.h>

#include "arrow_capsule.h"
#include "flott/nexmark.h"

namespace nb = nanobind;

namespace {

using flott::ArrowFrame;
using flott::NexmarkPlan;

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

ArrowFrame* bids(const NexmarkPlan& plan, std::int64_t first, std::int64_t count, std::uint32_t wanted,
                 bool all_events) {
  require(first >= 0 && count >= 0, "bids are numbered from 0");
  require(plan.bids > 0, "a cycle has no bids");
  flott::Batch batch;
  {
    nb::gil_scoped_release released;
    batch = flott::nexmark_bids(plan, first, count, wanted, all_events);
  }
  return flott::export_frame(std::move(batch));
}

ArrowFrame* draw(std::int64_t first, std::int64_t count, std::uint64_t salt) {
  require(first >= 0 && count >= 0, "events are numbered from 0");
  return flott::export_frame(flott::nexmark_random(first, count, salt));
}

}  // namespace

void bind_nexmark(nb::module_& module) {
  nb::class_<NexmarkPlan>(module, "NexmarkPlan")
      .def("__init__",
           [](NexmarkPlan* at, std::int64_t persons, std::int64_t auctions, std::int64_t bids,
              std::int64_t hot_auctions, std::int64_t hot_bidders, std::int64_t hot_sellers,
              std::int64_t base_us, double delay_us, std::int64_t channels, std::int64_t extras) {
             require(persons >= 0 && auctions >= 0 && bids >= 0, "proportions are not negative");
             require(hot_auctions > 0 && hot_bidders > 0 && hot_sellers > 0, "ratios are positive");
             require(channels > 4 && extras > 0, "there are no texts to choose from");
             new (at) NexmarkPlan{persons, auctions, bids, hot_auctions, hot_bidders, hot_sellers,
                                  base_us, delay_us, channels, extras};
           },
           nb::arg("persons"), nb::arg("auctions"), nb::arg("bids"), nb::arg("hot_auctions"),
           nb::arg("hot_bidders"), nb::arg("hot_sellers"), nb::arg("base_us"), nb::arg("delay_us"),
           nb::arg("channels"), nb::arg("extras"));
  module.def("nexmark_bids", &bids, nb::arg("plan"), nb::arg("first"), nb::arg("count"), nb::arg("wanted"),
             nb::arg("all_events"), nb::rv_policy::take_ownership);
  module.def("nexmark_random", &draw, nb::arg("first"), nb::arg("count"), nb::arg("salt"),
             nb::rv_policy::take_ownership);
}
