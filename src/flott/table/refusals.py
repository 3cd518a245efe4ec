"""Names of PyFlink that are for later: whoever imports one is told so, and what to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from flott.common.errors import UnsupportedFeature


def refuse_names(module: str, names: str, meanwhile: str) -> Callable[[str], NoReturn]:
    """The ``__getattr__`` of a module that has none of ``names`` yet.

    Args:
        module: the name of the module.
        names: the names, with blanks between them.
        meanwhile: what to do until then, as a sentence.

    >>> refuse_names("flott.table.udf", "udf", "Queries call functions of SQL.")("udf")
    Traceback (most recent call last):
        ...
    flott.common.errors.UnsupportedFeature: flott.table.udf.udf is not supported. \
Queries call functions of SQL.
    """
    known = frozenset(names.split())

    def refuse(name: str) -> NoReturn:
        if name in known:
            raise UnsupportedFeature(f"{module}.{name}", reason=meanwhile)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return refuse
