"""A name PyFlink keeps for wrappers of Java objects, of which there are none here."""

from __future__ import annotations

from typing import Any, NoReturn

from flott.common.errors import UnsupportedFeature

__all__ = ["JavaObjectWrapper"]


class JavaObjectWrapper:
    """Was the base of wrappers; there is no Java here to be wrapped."""

    def __init__(self, *args: Any) -> None:
        raise UnsupportedFeature("JavaObjectWrapper", reason="Flott runs without a JVM.")

    def get_java_object(self) -> NoReturn:
        """Refuse: there is no Java object."""
        raise UnsupportedFeature(
            "JavaObjectWrapper.get_java_object", reason="Flott runs without a JVM."
        )
