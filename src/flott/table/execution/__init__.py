"""Statements to results: what ``TableEnvironment`` does with what the dialect has read."""
