"""One case of the DataStream benchmark on Bytewax; prints records and seconds as JSON."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import bytewax.operators as op
import bytewax.operators.windowing as windowing
from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.operators.windowing import EventClock, TumblingWindower
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import cluster_main

BATCH = 4096
START = datetime(2024, 1, 1, tzinfo=UTC)


class Numbers(StatefulSourcePartition):
    def __init__(self, stop):
        self.position, self.stop = 1, stop

    def next_batch(self):
        if self.position > self.stop:
            raise StopIteration
        end = min(self.position + BATCH, self.stop + 1)
        batch = list(range(self.position, end))
        self.position = end
        return batch

    def snapshot(self):
        return self.position


class NumbersSource(FixedPartitionedSource):
    def __init__(self, stop):
        self.stop = stop

    def list_parts(self):
        return ["all"]

    def build_part(self, step_id, for_part, resume_state):
        return Numbers(self.stop)


class Discard(StatelessSinkPartition):
    def write_batch(self, items):
        pass


class DiscardSink(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return Discard()


def count(state, value):
    state = (state or 0) + 1
    return state, state


def main():
    case, records = sys.argv[1], int(sys.argv[2])
    flow = Dataflow("bench")
    numbers = op.input("in", flow, NumbersSource(records))
    if case == "map_filter":
        doubled = op.map("map", numbers, lambda x: x * 2)
        out = op.filter("filter", doubled, lambda x: x % 3 == 0)
    elif case == "keyed_count":
        keyed = op.key_on("key", numbers, lambda x: str(x % 1000))
        out = op.stateful_map("count", keyed, count)
    elif case == "window_count":
        clock = EventClock(
            lambda x: START + timedelta(milliseconds=x), wait_for_system_duration=timedelta(0)
        )
        windower = TumblingWindower(align_to=START, length=timedelta(seconds=1))
        out = windowing.count_window("count", numbers, clock, windower, lambda x: str(x % 100)).down
    else:
        sys.exit(f"no case {case}")
    op.output("out", out, DiscardSink())
    started = time.perf_counter()
    cluster_main(flow, [], 0, epoch_interval=timedelta(seconds=1))
    print(json.dumps({"records": records, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
