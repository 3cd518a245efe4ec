"""Records of the program itself as a source, and a sink that drops them."""

from flott.connectors.collection import CollectionSource, IterableSource
from flott.connectors.discard import DiscardingSink

__all__ = ["CollectionSource", "DiscardingSink", "IterableSource"]
