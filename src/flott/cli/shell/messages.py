"""What the engine logs while a view has the screen: kept, and shown where it harms nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class Messages(logging.Handler):
    """Keeps the last message, of whatever thread.

    Attributes:
        last: The message; empty as long as there is none.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self.last = " ".join(record.getMessage().split())


@contextmanager
def kept_messages() -> Iterator[Messages]:
    """Keep what is logged in the block, in place of writing it over the screen."""
    logger = logging.getLogger("flott")
    messages, propagates = Messages(), logger.propagate
    logger.addHandler(messages)
    logger.propagate = False
    try:
        yield messages
    finally:
        logger.propagate = propagates
        logger.removeHandler(messages)
