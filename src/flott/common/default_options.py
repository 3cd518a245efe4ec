"""Options that hold for every program started in this process, set by the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


class _DefaultOptions:
    """The options of this process."""

    def __init__(self) -> None:
        self._options: dict[str, str] = {}

    def replace(self, options: Mapping[str, str]) -> None:
        """Forget the former ones."""
        self._options = dict(options)

    def copy(self) -> dict[str, str]:
        """The options as a new dict."""
        return dict(self._options)


_DEFAULTS: Final = _DefaultOptions()


def set_default_options(options: Mapping[str, str]) -> None:
    """Replace the default options; a program's own settings override them."""
    _DEFAULTS.replace(options)


def default_options() -> dict[str, str]:
    """The default options as a new dict."""
    return _DEFAULTS.copy()
