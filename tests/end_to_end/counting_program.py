"""A program for ``flott run``: counts numbers per key and writes each count exactly once.

Arguments: the folder of the results, how many numbers, and perhaps a file whose appearance lets the
second half of the numbers pass.
"""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flott.common import Encoder, Types, WatermarkStrategy
from flott.datastream import KeyedProcessFunction, MapFunction, StreamExecutionEnvironment
from flott.datastream.connectors.file_system import FileSink
from flott.datastream.connectors.number_seq import NumberSequenceSource
from flott.datastream.state import ValueStateDescriptor

KEYS = 100


class Count(KeyedProcessFunction):
    """Says how often each key was seen."""

    def open(self, ctx: Any) -> None:
        self.count = ctx.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value: int, ctx: Any) -> Iterator[str]:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield f"{value} {ctx.get_current_key()} {count}"


class Slowly(MapFunction):
    """Lets numbers pass, a few thousand in a second, until the gate is open."""

    def __init__(self, gate: str) -> None:
        self.gate = Path(gate)
        self.is_open = False

    def open(self, ctx: Any) -> None:
        self.pause = threading.Event()

    def map(self, value: int) -> int:
        if value % 256 == 0 and not self.is_open:
            self.is_open = self.gate.exists()
            if not self.is_open:
                self.pause.wait(0.03)
        return value


def check(lines: list[str], numbers: int) -> None:
    """Every number is there once, and each key was counted without a gap."""
    rows = [tuple(map(int, line.split())) for line in lines]
    assert sorted(value for value, _, _ in rows) == list(range(1, numbers + 1))
    counts: dict[int, list[int]] = {}
    for _, key, count in rows:
        counts.setdefault(key, []).append(count)
    for of_key in counts.values():
        assert sorted(of_key) == list(range(1, len(of_key) + 1))


def build(env: StreamExecutionEnvironment, folder: str, numbers: int, gate: str) -> None:
    """The program."""
    source = NumberSequenceSource(1, numbers)
    stream = env.from_source(source, WatermarkStrategy.no_watermarks(), "numbers", Types.LONG())
    counted = stream.map(Slowly(gate)).key_by(lambda n: n % KEYS).process(Count(), Types.STRING())
    encoder = Encoder.simple_string_encoder()
    counted.sink_to(FileSink.for_row_format(folder, encoder).build())


if __name__ == "__main__":
    environment = StreamExecutionEnvironment.get_execution_environment()
    build(environment, sys.argv[1], int(sys.argv[2]), sys.argv[3])
    environment.execute("counting")
