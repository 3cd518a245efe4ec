"""Compare our public names with PyFlink's, as ``pyflink_api.json`` lists them.

The file was made by reflection on PyFlink 2.3: for each module its classes, for each class its
members with the names of their parameters. Of connectors to outside systems only Kafka is in it.
"""

import ast
import functools
import importlib
import inspect
import json
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from flott.common.errors import UnsupportedFeature

FOLDER = Path(__file__).parent


class Standing(Enum):
    """What became of a name."""

    PRESENT = "present"
    REFUSED = "refused"
    """Flink 2 removed it, or it is Java's: using it raises an error that names the successor."""
    MISSING = "missing"
    BRIDGE = "bridge"
    """Part of PyFlink's bridge to Java, and no API."""


@dataclass(frozen=True)
class Name:
    """A class, a function or a member of a class.

    Attributes:
        module: PyFlink's module.
        name: ``Class``, ``function`` or ``Class.member``.
        standing: What became of it.
        difference: How our parameters differ, if they do.
    """

    module: str
    name: str
    standing: Standing
    difference: str = ""


@functools.cache
def reference(file: str = "pyflink_api.json") -> dict[str, Any]:
    """PyFlink's names."""
    return json.loads((FOLDER / file).read_text())  # type: ignore[no-any-return]


@functools.cache
def _bridge() -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / "bridge.toml").read_text())


@functools.cache
def compare(file: str = "pyflink_api.json") -> tuple[Name, ...]:
    """Every name of PyFlink with its standing."""
    return tuple(
        each
        for module, names in reference(file)["modules"].items()
        for name, members in names.items()
        for each in _compare_name(module, name, members)
    )


def _compare_name(module: str, name: str, members: Any) -> Iterator[Name]:
    ours = _lookup(module, name)
    standing = _standing_of(ours)
    if any(fnmatch(f"{module}.{name}", pattern) for pattern in _bridge()["names"]):
        standing = Standing.BRIDGE
    if isinstance(members, list):
        yield Name(module, name, standing, _difference(ours, members))
        return
    yield Name(module, name, standing)
    for member, parameters in members.items():
        found = getattr(ours, member, None) if standing is Standing.PRESENT else None
        kind = _standing_of(found) if standing is Standing.PRESENT else standing
        if any(fnmatch(member, pattern) for pattern in _bridge()["members"]):
            kind = Standing.BRIDGE
        difference = _difference(found, parameters) if kind is Standing.PRESENT else ""
        yield Name(module, f"{name}.{member}", kind, difference)


def _lookup(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module.replace("pyflink", "flott", 1)), name, None)
    except ModuleNotFoundError:
        return None
    except UnsupportedFeature as refusal:
        return refusal


def _standing_of(ours: Any) -> Standing:
    if ours is None:
        return Standing.MISSING
    if isinstance(ours, UnsupportedFeature):
        return Standing.REFUSED
    function = ours.__init__ if inspect.isclass(ours) else ours
    return Standing.REFUSED if _only_refuses(function) else Standing.PRESENT


def _only_refuses(function: Any) -> bool:
    """Whether all a function does is to raise ``UnsupportedFeature``."""
    if not inspect.isfunction(function) or function.__code__.co_filename.startswith("<"):
        return False  # what dataclasses generate has no source
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    statements = [node for node in body if not isinstance(node, ast.Expr)]
    return len(statements) == 1 and ast.unparse(statements[0]).startswith(
        "raise UnsupportedFeature("
    )


def _difference(ours: Any, theirs: list[str] | None) -> str:
    """How parameters differ, leaving out those that hand over Java objects."""
    if theirs is None or ours is None or any(name.startswith("j_") for name in theirs):
        return ""
    try:
        parameters = inspect.signature(ours).parameters.values()
    except (TypeError, ValueError):
        return ""
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    found = [stars.get(each.kind, "") + each.name for each in parameters]
    wanted = [name for name in theirs if name not in ("self", "cls", "*args", "**kwargs")]
    found = [name for name in found if name not in ("self", "cls")]
    if found[: len(wanted)] == wanted or {"*args", "**kwargs"} <= set(found):
        return ""
    return f"({', '.join(wanted)}) is ({', '.join(found)})"
