"""Operators on batches of columns, as SQL needs them."""
