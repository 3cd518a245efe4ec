"""The source of the Nexmark benchmark: an auction site's persons, auctions and bids."""
