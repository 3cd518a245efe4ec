"""What tasks report, seen through a whole job."""

from typing import Any

from flott.common import Configuration, WatermarkStrategy
from flott.common.time import Time
from flott.core.element import MAX_WATERMARK
from flott.datastream import KeyedProcessFunction, StreamExecutionEnvironment
from flott.datastream.window import TumblingEventTimeWindows
from flott.deploy.client import make_driver
from flott.deploy.driver import JobDriver
from flott.progress.output_watch import OperatorReading
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import TaskReport


def environment() -> StreamExecutionEnvironment:
    return StreamExecutionEnvironment.get_execution_environment(Configuration())


def run_and_report(env: StreamExecutionEnvironment) -> tuple[JobDriver, list[TaskReport]]:
    """Run a job; every report of it."""
    plan, _ = env._take_job("reporting")
    driver = make_driver(plan, env._configuration)
    reports: list[TaskReport] = []
    driver.report_listeners.append(reports.append)
    driver.run_to_end()
    assert driver.coordinator.phase is JobPhase.FINISHED
    return driver, reports


def last_readings(driver: JobDriver) -> dict[str, OperatorReading]:
    return {each.name: each for r in driver.reports.values() for each in r.operators}


def test_each_operator_counts_what_came_in_and_went_out() -> None:
    env = environment()
    numbers = env.from_sequence(1, 100).name("numbers")
    numbers.map(str).name("text").filter(lambda t: t.endswith("7")).name("sevens").print().name("p")
    driver, _ = run_and_report(env)
    counts = {name: (r.records_in, r.records_out) for name, r in last_readings(driver).items()}
    assert counts == {"numbers": (100, 100), "text -> sevens": (100, 10), "p": (10, 0)}


def test_sources_and_sinks_are_told_apart() -> None:
    env = environment()
    env.from_sequence(1, 3).name("numbers").print().name("p")
    readings = last_readings(run_and_report(env)[0])
    assert (readings["numbers"].is_source, readings["numbers"].is_sink) == (True, False)
    assert (readings["p"].is_source, readings["p"].is_sink) == (False, True)


def test_an_exchange_counts_on_both_sides() -> None:
    env = environment()
    env.from_sequence(1, 70).name("n").key_by(lambda v: v % 3).reduce(max).name("m").print()
    readings = last_readings(run_and_report(env)[0])
    assert readings["n"].records_out == readings["m"].records_in == 70


class Waiting(KeyedProcessFunction):
    def process_element(self, value: Any, ctx: Any) -> None:
        ctx.timer_service().register_event_time_timer(value + 5_000)


def test_reports_tell_the_end_of_event_time() -> None:
    env = environment()
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
        lambda value, _: value
    )
    stream = env.from_sequence(1, 10).assign_timestamps_and_watermarks(strategy)
    stream.key_by(lambda v: 0).process(Waiting()).name("waiting").print()
    driver, _ = run_and_report(env)
    report = next(r for r in driver.reports.values() if r.operators[0].name == "waiting")
    assert report.watermark == MAX_WATERMARK
    assert report.records_in == 10
    assert report.held_by is None


def test_records_in_time_are_not_counted_as_late() -> None:
    env = environment()
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
        lambda value, _: value
    )
    stream = env.from_collection([10, 20]).assign_timestamps_and_watermarks(strategy)
    window = TumblingEventTimeWindows.of(Time.milliseconds(5))
    stream.key_by(lambda v: 0).window(window).reduce(max).name("w").print()
    assert last_readings(run_and_report(env)[0])["w"].late_dropped == 0
