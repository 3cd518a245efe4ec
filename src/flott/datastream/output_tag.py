"""PyFlink's module path of ``OutputTag``."""

from flott.common.output_tag import OutputTag

__all__ = ["OutputTag"]
