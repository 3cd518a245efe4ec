"""OVER windows: frames, and aggregates and ranks over them."""
