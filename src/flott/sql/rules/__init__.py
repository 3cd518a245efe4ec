"""The rule-based optimizer: each rule is a function from a node to what takes its place.

Rules run in stages, each to a fixpoint: sub-queries and windows become joins and ``Over`` nodes,
filters move down, known shapes (Top-N, deduplication) are recognised, and at last columns and
filters that sources can do without or themselves are handed to them.
"""

from flott.sql.rules.stages import optimize, optimize_all

__all__ = ["optimize", "optimize_all"]
