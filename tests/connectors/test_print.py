from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout

from flott.connectors.discard import DiscardingSink
from flott.connectors.print import PrintSink
from flott.core.batch import RowBatch
from tests.connectors.fakes import FakeContext


def printed(sink: PrintSink, values: list[object], subtask: int = 0, parallelism: int = 1) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        sink.create_writer(FakeContext(subtask, parallelism), [], None).write(RowBatch(values))
    return out.getvalue()


def test_one_subtask_prints_records_alone() -> None:
    assert printed(PrintSink(), [1, ("a", 2)]) == "1\n('a', 2)\n"


def test_several_subtasks_print_their_number_counted_from_one() -> None:
    assert printed(PrintSink(), ["x"], subtask=1, parallelism=4) == "2> x\n"


def test_the_identifier_comes_first() -> None:
    assert printed(PrintSink("audit"), ["x"]) == "audit> x\n"
    assert printed(PrintSink("audit"), ["x"], 0, 2) == "audit:1> x\n"


def test_the_text_of_a_record_can_be_chosen() -> None:
    assert printed(PrintSink(to_text=repr), ["x"]) == "'x'\n"


def test_standard_error_on_demand() -> None:
    err = io.StringIO()
    with redirect_stderr(err):
        writer = PrintSink(to_stderr=True).create_writer(FakeContext(), [], None)
        writer.write(RowBatch(["x"]))
    assert err.getvalue() == "x\n"
    assert sys.stderr is not err


def test_a_discarding_sink_takes_everything() -> None:
    DiscardingSink().create_writer(FakeContext(), [], None).write(RowBatch([1]))
