"""PyFlink's module path of sources one after the other."""

from flott.connectors.hybrid import HybridSource, HybridSourceBuilder

__all__ = ["HybridSource", "HybridSourceBuilder"]
