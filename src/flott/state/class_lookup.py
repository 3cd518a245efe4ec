"""Classes by name: how objects in state find their class again, in this process or a later one.

State refers to classes by module and name, never by their code, so that a program that was changed
and started again gets its own classes. Classes that cannot be imported (those of a script in a
worker process, which came with the plan, and those defined inside functions) are looked for among
the living.
"""

from __future__ import annotations

import sys


def is_importable(cls: type) -> bool:
    """Whether the module of ``cls`` has it under its name."""
    found: object = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is cls


def find_living_class(module: str, qualname: str) -> type | None:
    """The youngest class of this name in the process, or ``None``.

    >>> class Local: ...
    >>> find_living_class(Local.__module__, Local.__qualname__) is Local
    True
    """
    assert qualname, "a class has a name"
    youngest: type | None = None
    seen: set[type] = {object}
    pending: list[type] = [object]
    while pending:
        found: list[type] = type.__subclasses__(pending.pop())
        for cls in found:
            if cls in seen:
                continue
            seen.add(cls)
            pending.append(cls)
            if cls.__qualname__ == qualname and cls.__module__ == module:
                youngest = cls
    return youngest
