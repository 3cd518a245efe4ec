"""Metrics of this process: groups with scope and variables, and what a snapshot reads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.metrics import Counter, Distribution, Gauge, Meter, MetricGroup
from flott.metrics.registry import InProcessMetricGroup, SimpleMeter


class Clock:
    """Time moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def group(**keywords: Any) -> InProcessMetricGroup:
    return InProcessMetricGroup("job", "map", **keywords)


def test_a_program_in_pyflinks_way() -> None:
    metrics: MetricGroup = group()
    counter = metrics.add_group("mine").counter("records")
    meter = metrics.meter("speed")
    distribution = metrics.distribution("sizes")
    metrics.gauge("constant", lambda: 42)
    counter.inc()
    counter.inc(10)
    counter.dec(1)
    meter.mark_event(2)
    distribution.update(5)
    assert (counter.get_count(), meter.get_count()) == (10, 2)


def test_kinds() -> None:
    metrics = group()
    metrics.gauge("g", lambda: 1)
    assert isinstance(metrics.counter("c"), Counter)
    assert isinstance(metrics.meter("m"), Meter)
    assert isinstance(metrics.distribution("d"), Distribution)
    kinds = {name: metric for _, name, metric in metrics.metrics()}
    assert isinstance(kinds["g"], Gauge)
    assert kinds["g"].get_value() == 1


def test_snapshot_reads_everything_below() -> None:
    metrics = group(clock_s=Clock())
    metrics.counter("records").inc(3)
    metrics.gauge("size", lambda: "large")
    metrics.add_group("inner").distribution("sizes").update(5)
    metrics.add_group("inner").meter("speed").mark_event()
    assert metrics.snapshot() == {
        "job.map.records": 3,
        "job.map.size": "large",
        "job.map.inner.sizes": {"count": 1, "sum": 5, "min": 5, "max": 5, "mean": 5.0},
        "job.map.inner.speed": {"count": 1, "rate": 0.0},
    }


def test_the_same_name_is_the_same_metric() -> None:
    metrics = group()
    assert metrics.counter("a") is metrics.counter("a")
    assert metrics.meter("m") is metrics.meter("m", 5)
    assert metrics.distribution("d") is metrics.distribution("d")
    assert metrics.add_group("g") is metrics.add_group("g")
    assert metrics.add_group("g", "1") is metrics.add_group("g", "1")
    assert metrics.add_group("g") is not metrics.add_group("g", "1")


def test_variables_are_handed_down() -> None:
    inner = group(variables={"subtask": "0"}).add_group("topic", "orders").add_group("lag")
    assert inner.scope == ("job", "map", "topic", "orders", "lag")
    assert inner.variables == {"subtask": "0", "topic": "orders"}


def test_variables_of_one_group_do_not_reach_its_siblings() -> None:
    metrics = group()
    metrics.add_group("topic", "orders")
    assert metrics.variables == metrics.add_group("other").variables == {}


def test_a_later_gauge_takes_the_place_of_the_one_before() -> None:
    metrics = group()
    metrics.gauge("g", lambda: 1)
    metrics.gauge("g", lambda: 2)
    assert metrics.snapshot() == {"job.map.g": 2}


def test_a_failing_gauge_stops_nothing() -> None:
    metrics = group()
    metrics.gauge("bad", lambda: 1 // 0)
    metrics.counter("good").inc()
    assert metrics.snapshot() == {"job.map.bad": None, "job.map.good": 1}


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda m: m.meter("a"), "'a' in the group 'job.map' is a counter already"),
        (lambda m: m.gauge("a", lambda: 1), "is a counter already"),
        (lambda m: m.distribution("a"), "is a counter already"),
        (lambda m: m.counter(""), "needs a name"),
        (lambda m: m.counter(None), "needs a name"),
        (lambda m: m.gauge("g", 7), "needs a function"),
        (lambda m: m.meter("m", 0), "must be positive, found 0 s"),
    ],
)
def test_mistakes_are_refused(use: Any, text: str) -> None:
    metrics = group()
    metrics.counter("a")
    with pytest.raises(ProgramError, match=text):
        use(metrics)


def test_rate_is_an_average_over_the_time_span() -> None:
    clock = Clock()
    meter = SimpleMeter(10, clock)
    rates = []
    for _ in range(30):
        clock.now_s += 1
        meter.mark_event(5)
        rates.append(meter.get_rate())
    assert rates == [5.0] * 30
    clock.now_s += 10
    assert meter.get_rate() == 0.0
    assert meter.get_count() == 150


def test_rate_before_any_time_has_passed() -> None:
    meter = SimpleMeter(10, Clock())
    meter.mark_event(5)
    assert meter.get_rate() == 0.0


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 100))))
def test_a_meter_keeps_few_samples_and_loses_no_event(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    meter = SimpleMeter(10, clock)
    for seconds, events in steps:
        clock.now_s += seconds
        meter.mark_event(events)
        assert meter.get_rate() >= 0
    assert meter.get_count() == sum(events for _, events in steps)
    assert len(meter._samples) <= 13


@given(st.lists(st.integers(), min_size=1))
def test_distributions_know_their_values(values: list[int]) -> None:
    distribution = group().distribution("d")
    for value in values:
        distribution.update(value)
    assert distribution.read() == {
        "count": len(values),
        "sum": sum(values),
        "min": min(values),
        "max": max(values),
        "mean": sum(values) / len(values),
    }


def test_an_empty_distribution() -> None:
    assert group().distribution("d").read()["mean"] is None
