#include "flott/nexmark.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "flott/hash.h"

namespace flott {
namespace {

constexpr std::int64_t kHotSpan = 100;       // one in so many ids is hot
constexpr std::int64_t kInFlight = 100;      // auctions that bids still go to
constexpr std::int64_t kActivePeople = 1000;
constexpr std::int64_t kLead = 10;           // ids that do not exist yet
constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;

std::uint64_t random_of(std::uint64_t number, std::uint64_t salt) {
  return mix64(number * kStep + salt);
}

// A number from 0 up to `range`, from 32 random bits.
std::int64_t choose(std::uint64_t bits, std::int64_t range) {
  return static_cast<std::int64_t>((bits & 0xFFFFFFFFu) * static_cast<std::uint64_t>(range) >> 32);
}

// 100 * 10^(6 u): a table of steps, and a line between two of them.
class Prices {
 public:
  Prices() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      steps_[i] = 100.0 * std::pow(10.0, 6.0 * static_cast<double>(i) / kSteps);
    }
  }
  std::int64_t at(std::uint32_t bits) const {
    const std::uint32_t index = bits >> kShift;
    const double part = static_cast<double>(bits & ((1u << kShift) - 1)) / (1u << kShift);
    const double low = steps_[index];
    return static_cast<std::int64_t>(low + (steps_[index + 1] - low) * part + 0.5);
  }

 private:
  static constexpr int kBits = 12;
  static constexpr int kShift = 32 - kBits;
  static constexpr double kSteps = 1 << kBits;
  std::array<double, (1 << kBits) + 1> steps_;
};

const Prices& prices() {
  static const Prices made;
  return made;
}

template <typename T>
T* column(Batch& batch, const char* format, const char* name, std::int64_t count) {
  batch.add(ColumnBuilder(ColumnType{format, name, {}}));
  return batch.column(batch.width() - 1).extend<T>(count);
}

// The event numbers of bids, or of all events, and the last ids before them.
struct BidCursor {
  BidCursor(const NexmarkPlan& plan, std::int64_t first, bool all_events)
      : plan(plan),
        length(all_events ? plan.cycle() : plan.bids),
        offset(all_events ? 0 : plan.persons + plan.auctions),
        cycle(first / length),
        rest(first % length) {}
  void step() {
    if (++rest == length) {
      rest = 0;
      ++cycle;
    }
  }
  std::int64_t event() const { return cycle * plan.cycle() + offset + rest; }
  std::int64_t last_auction() const { return std::max<std::int64_t>((cycle + 1) * plan.auctions - 1, 0); }
  std::int64_t last_person() const { return std::max<std::int64_t>((cycle + 1) * plan.persons - 1, 0); }

  const NexmarkPlan& plan;
  std::int64_t length, offset, cycle, rest;
};

// Both answers are computed and one is taken: which of them it is, no processor can guess.
std::int64_t choose_auction(const BidCursor& at, std::uint64_t bits) {
  const std::int64_t last = at.last_auction();
  const std::int64_t least = std::max<std::int64_t>(last - kInFlight, 0);
  const std::int64_t hot = last / kHotSpan * kHotSpan;
  const std::int64_t any = least + choose(bits >> 32, last - least + 1 + kLead);
  const std::int64_t is_hot = -static_cast<std::int64_t>((bits & 0xFFFF) * static_cast<std::uint64_t>(at.plan.hot_auctions) >> 16 > 0);
  return (hot & is_hot) + (any & ~is_hot) + kFirstId;
}

std::int64_t choose_bidder(const BidCursor& at, std::uint64_t bits) {
  const std::int64_t last = at.last_person();
  const std::int64_t active = std::min(last + 1, kActivePeople);
  const std::int64_t hot = last / kHotSpan * kHotSpan + 1;
  const std::int64_t any = last + 1 - active + choose(bits >> 32, active + kLead);
  const std::int64_t is_hot = -static_cast<std::int64_t>((bits & 0xFFFF) * static_cast<std::uint64_t>(at.plan.hot_bidders) >> 16 > 0);
  return (hot & is_hot) + (any & ~is_hot) + kFirstId;
}

std::uint32_t choose_channel(const NexmarkPlan& plan, std::uint64_t bits) {
  const auto hot = static_cast<std::uint32_t>(bits >> 1 & 3);
  const auto any = static_cast<std::uint32_t>(4 + choose(bits >> 8, plan.channels - 4));
  const auto is_hot = static_cast<std::uint32_t>(-static_cast<std::int32_t>(bits & 1));
  return (hot & is_hot) + (any & ~is_hot);
}

}  // namespace

Batch nexmark_bids(const NexmarkPlan& plan, std::int64_t first, std::int64_t count, std::uint32_t wanted,
                   bool all_events) {
  Batch batch;
  auto* const auction = wanted & kBidAuction ? column<std::int64_t>(batch, "l", "auction", count) : nullptr;
  auto* const bidder = wanted & kBidBidder ? column<std::int64_t>(batch, "l", "bidder", count) : nullptr;
  auto* const price = wanted & kBidPrice ? column<std::int64_t>(batch, "l", "price", count) : nullptr;
  auto* const channel = wanted & kBidChannel ? column<std::uint32_t>(batch, "I", "channel", count) : nullptr;
  auto* const time = wanted & kBidTime ? column<std::int64_t>(batch, "l", "time", count) : nullptr;
  auto* const extra = wanted & kBidExtra ? column<std::uint32_t>(batch, "I", "extra", count) : nullptr;
  const Prices& table = prices();
  const auto each = [&](auto&& write) {
    BidCursor at(plan, first, all_events);
    for (std::int64_t i = 0; i < count; ++i, at.step()) write(i, at, static_cast<std::uint64_t>(at.event()));
  };
  // A loop for each column: short enough to stay in registers.
  if (auction) {
    each([&](auto i, const BidCursor& at, auto event) { auction[i] = choose_auction(at, random_of(event, 1)); });
  }
  if (bidder) {
    each([&](auto i, const BidCursor& at, auto event) { bidder[i] = choose_bidder(at, random_of(event, 2)); });
  }
  if (price) {
    each([&](auto i, const BidCursor&, auto event) {
      price[i] = table.at(static_cast<std::uint32_t>(random_of(event, 3) >> 32));
    });
  }
  if (channel) {
    each([&](auto i, const BidCursor&, auto event) { channel[i] = choose_channel(plan, random_of(event, 4)); });
  }
  if (time) {
    each([&](auto i, const BidCursor&, auto event) {
      const auto delay = static_cast<std::int64_t>(static_cast<double>(event) * plan.delay_us);
      time[i] = plan.base_us + delay / 1000 * 1000;
    });
  }
  if (extra) {
    each([&](auto i, const BidCursor&, auto event) {
      extra[i] = static_cast<std::uint32_t>(choose(random_of(event, 5), plan.extras));
    });
  }
  return batch;
}

Batch nexmark_random(std::int64_t first, std::int64_t count, std::uint64_t salt) {
  Batch batch;
  auto* const out = column<std::uint64_t>(batch, "L", "f0", count);
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = random_of(static_cast<std::uint64_t>(first + i), salt);
  }
  return batch;
}

}  // namespace flott
