"""Libraries that only some formats need: the error that says which extra brings them."""

from __future__ import annotations

import importlib
from typing import Any

from flott.common.errors import ConfigurationError


def load_extra(module: str, extra: str, needed_for: str) -> Any:
    """Import a module that comes with an extra.

    Args:
        module: Its name.
        extra: The extra that brings it.
        needed_for: What cannot be done without it.

    Raises:
        ConfigurationError: It is not installed; names the extra.

    >>> load_extra("no_such_module", "avro", "The format 'avro'")
    Traceback (most recent call last):
    ...
    flott.common.errors.ConfigurationError: The format 'avro' needs the package 'no_such_module': \
install 'flott[avro]'.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        raise ConfigurationError(
            f"{needed_for} needs the package '{missing}': install 'flott[{extra}]'."
        ) from None
