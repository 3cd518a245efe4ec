"""PyFlink's module path of ``NumberSequenceSource``."""

from flott.connectors.number_sequence import NumberSequenceSource

__all__ = ["NumberSequenceSource"]
