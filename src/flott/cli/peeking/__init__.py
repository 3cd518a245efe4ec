"""Looks at a topic or a file: its records, what they are written in, and a table for them."""
