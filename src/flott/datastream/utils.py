"""``ResultTypeQueryable``: sources and schemas that know the type of what they give."""

from __future__ import annotations

from abc import ABC, abstractmethod

from flott.common.typeinfo import TypeInformation

__all__ = ["ResultTypeQueryable"]


class ResultTypeQueryable(ABC):
    """Knows the type of its records."""

    @abstractmethod
    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
