"""Options that hold for every program started in this process, set by the command line."""

from __future__ import annotations

from collections.abc import Mapping

_options: dict[str, str] = {}


def set_default_options(options: Mapping[str, str]) -> None:
    """Replace the default options; a program's own settings override them."""
    _options.clear()
    _options.update(options)


def default_options() -> dict[str, str]:
    """The default options as a new dict."""
    return dict(_options)
