"""Records made by a function, and limits of their rate; named as in Flink's Java."""

from flott.connectors.datagen import DataGeneratorSource
from flott.connectors.rate_limit import RateLimiter, RateLimiterStrategy

__all__ = ["DataGeneratorSource", "RateLimiter", "RateLimiterStrategy"]
