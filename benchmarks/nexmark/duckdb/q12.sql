-- The clock on the wall is another one here: all bids of a person are counted.
SELECT bidder, count(*) AS bid_count FROM bid GROUP BY bidder
