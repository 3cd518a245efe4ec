"""One call as its function sees it: operands, constants, and ways to fail."""
