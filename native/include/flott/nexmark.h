// Events of the Nexmark benchmark, from their numbers: the same on every machine and in every run.
//
// An event is a person, an auction or a bid, by its number's place in a cycle (1 : 3 : 46). Numbers
// rise with event time, so everything an event says can be computed from its number alone: ids of
// what came before it, and random choices from a hash of the number.
#pragma once

#include <cstdint>

#include "flott/column_builder.h"

namespace flott {

struct NexmarkPlan {
  std::int64_t persons, auctions, bids;  // of each cycle
  std::int64_t hot_auctions, hot_bidders, hot_sellers;
  std::int64_t base_us;      // event time of the first event
  double delay_us;           // between two events
  std::int64_t channels;     // texts to choose from, the four hot ones first
  std::int64_t extras;

  std::int64_t cycle() const { return persons + auctions + bids; }
};

inline constexpr std::int64_t kFirstId = 1000;

// Which columns of bids to make, as bits; they come in this order.
enum BidColumn : std::uint32_t {
  kBidAuction = 1, kBidBidder = 2, kBidPrice = 4, kBidChannel = 8, kBidTime = 16, kBidExtra = 32
};

// Bids number `first` and following; channel and extra are positions in tables of texts. Under
// `all_events` the numbers are those of events, and what is no bid gets the columns of one as well.
Batch nexmark_bids(const NexmarkPlan& plan, std::int64_t first, std::int64_t count, std::uint32_t wanted,
                   bool all_events);

// One column of random 64-bit numbers for the event numbers `first`, `first` + 1, ...
Batch nexmark_random(std::int64_t first, std::int64_t count, std::uint64_t salt);

}  // namespace flott
