"""A name PyFlink keeps for wrappers of Java objects, of which there are none here."""

from __future__ import annotations

from typing import Any, NoReturn

from flott.common.errors import UnsupportedFeature

__all__ = ["JavaObjectWrapper", "refuse_java"]


def refuse_java(name: str) -> NoReturn:
    """Say that a method which gives a Java object cannot.

    Raises:
        UnsupportedFeature: always.
    """
    raise UnsupportedFeature(name, reason="Flott runs without a JVM.")


class JavaObjectWrapper:
    """Was the base of wrappers; there is no Java here to be wrapped."""

    def __init__(self, *args: Any) -> None:
        refuse_java("JavaObjectWrapper")

    def get_java_object(self) -> NoReturn:
        """Refuse: there is no Java object."""
        refuse_java("JavaObjectWrapper.get_java_object")
