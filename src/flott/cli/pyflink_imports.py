"""Let programs that import ``pyflink`` run unchanged: each of its modules stands for one of ours.

``install`` puts a folder with a package ``pyflink`` first on the path, so that workers, which get
the program's path, find it too. That package replaces itself by an alias of ``flott`` and enters a
finder that makes aliases of the modules below. Classes are the very same under both names.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

__all__ = ["become_pyflink", "install", "uninstall"]

_SHIM: Final = str(Path(__file__).parent / "pyflink_shim")
_ALIAS: Final = "pyflink"
_OURS: Final = "flott"
#: Modules that only make sense with a Java process behind them.
_JAVA_ONLY: Final = ("fn_execution", "java_gateway", "pyflink_gateway_server", "util")


def install() -> None:
    """Make ``import pyflink`` mean Flott, in this process and in workers started later.

    Raises:
        ImportError: if the real PyFlink was imported already.
    """
    loaded = sys.modules.get(_ALIAS)
    if loaded is not None and not isinstance(loaded, _AliasModule):
        raise ImportError(
            f"PyFlink is loaded already, from {getattr(loaded, '__file__', '?')}; "
            "its name cannot stand for Flott any more"
        )
    if _SHIM not in sys.path:
        sys.path.insert(0, _SHIM)
    importlib.invalidate_caches()


def uninstall() -> None:
    """Undo ``install``: forget the aliases and the path."""
    sys.path[:] = [entry for entry in sys.path if entry != _SHIM]
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _AliasFinder)]
    for name in [name for name in sys.modules if name.partition(".")[0] == _ALIAS]:
        del sys.modules[name]


def become_pyflink(name: str) -> None:
    """Replace the module ``name``, which is being imported, by an alias of ours."""
    if not any(isinstance(each, _AliasFinder) for each in sys.meta_path):
        sys.meta_path.insert(0, _AliasFinder())
    sys.modules[name] = _make_alias(name)


class _AliasModule(ModuleType):
    """Gives the attributes of the module it stands for; says clearly what is missing."""

    def __init__(self, name: str, target: ModuleType) -> None:
        super().__init__(name, target.__doc__)
        self.__path__: list[str] = []
        self._target = target

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            return getattr(self._target, name)
        try:
            value = getattr(self._target, name)
        except AttributeError:
            if _exists(f"{self._target.__name__}.{name}"):
                return importlib.import_module(f"{self.__name__}.{name}")
            raise AttributeError(_explain(f"{self.__name__}.{name}")) from None
        if isinstance(value, ModuleType) and value.__name__.startswith(f"{_OURS}."):
            return importlib.import_module(f"{self.__name__}.{name}")
        return value

    def __dir__(self) -> Iterable[str]:
        return dir(self._target)


class _AliasFinder(MetaPathFinder, Loader):
    """Finds ``pyflink.x`` where there is ``flott.x``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{_ALIAS}."):
            return None
        if not _exists(_ours(fullname)):
            # Without ``name``: with it, ``from pyflink.x import y`` would say it less clearly.
            raise ModuleNotFoundError(_explain(fullname))
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return _make_alias(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to do: the module it stands for is loaded."""


def _make_alias(name: str) -> _AliasModule:
    return _AliasModule(name, importlib.import_module(_ours(name)))


def _ours(name: str) -> str:
    return _OURS + name.removeprefix(_ALIAS)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _explain(name: str) -> str:
    why = (
        "it belongs to PyFlink's bridge to Java"
        if name.split(".")[1] in _JAVA_ONLY
        else "docs/compatibility.md lists what there is"
    )
    return f"Flott has nothing that stands for {name}: {why}"
