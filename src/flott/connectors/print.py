"""Print records, for looking on while a program is written.

Every line begins with the identifier given, and with the number of the subtask, counted from 1,
where there are several: ``audit:2> (7, 'ada')``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter


class PrintSink(Sink):
    """Writes records to standard output. At least once: after a failure some come again.

    Args:
        sink_identifier: Put before each record.
        to_stderr: Write to standard error instead.
        to_text: Gives the text of a record.

    >>> PrintSink("audit", to_stderr=True).to_stderr
    True
    """

    def __init__(
        self,
        sink_identifier: str | None = None,
        to_stderr: bool = False,
        to_text: Callable[[Any], str] = str,
    ) -> None:
        self.sink_identifier = sink_identifier
        self.to_stderr = to_stderr
        self._to_text = to_text

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        prefix = derive_prefix(self.sink_identifier, context.subtask_index, context.parallelism)
        return _PrintWriter(prefix, self.to_stderr, self._to_text)


def derive_prefix(identifier: str | None, subtask: int, parallelism: int) -> str:
    """Return what stands before each record.

    >>> derive_prefix("audit", 1, 4), derive_prefix(None, 1, 4), derive_prefix(None, 0, 1)
    ('audit:2> ', '2> ', '')
    """
    parts = [identifier] if identifier else []
    if parallelism > 1:
        parts.append(str(subtask + 1))
    return ":".join(parts) + "> " if parts else ""


class _PrintWriter(SinkWriter):
    def __init__(self, prefix: str, to_stderr: bool, to_text: Callable[[Any], str]) -> None:
        self._prefix = prefix
        self._to_stderr = to_stderr
        self._to_text = to_text

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        # Looked up each time: programs and tests redirect the streams while they run.
        stream = sys.stderr if self._to_stderr else sys.stdout
        prefix = self._prefix
        to_text = self._to_text
        stream.write("".join([f"{prefix}{to_text(value)}\n" for value in batch.values]))
        stream.flush()
