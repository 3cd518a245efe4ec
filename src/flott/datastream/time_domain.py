"""PyFlink's module path of ``TimeDomain``."""

from flott.common.time_domain import TimeDomain

__all__ = ["TimeDomain"]
