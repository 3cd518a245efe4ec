"""PyFlink's module path of ``RuntimeExecutionMode``."""

from flott.common.execution_mode import RuntimeExecutionMode

__all__ = ["RuntimeExecutionMode"]
