"""The job: the feed, delays by the hour for carriers and airports, alerts; all to Parquet files."""

from __future__ import annotations

from pathlib import Path

from alerts import AirportWatch
from delays import CountDelays, NameAndTime
from feed import DepartureFeed, departure_times
from records import Alert, Departure, Summary

from flott.common import Configuration, Time
from flott.datastream import DataStream, OutputTag, StreamExecutionEnvironment
from flott.datastream.connectors.file_system import BucketAssigner, FileSink, OutputFileConfig
from flott.datastream.formats.parquet import ParquetBulkWriters
from flott.datastream.window import TumblingEventTimeWindows

LATE = OutputTag("late departures")


def make_environment(folder: Path) -> StreamExecutionEnvironment:
    """Two worker processes, a checkpoint every second, restart at once."""
    configuration = Configuration()
    configuration.set_string("execution.target", "processes")
    configuration.set_string("execution.checkpointing.dir", str(folder / "checkpoints"))
    configuration.set_string("flott.status-line", "off")  # the demo has one of its own
    configuration.set_string("restart-strategy.type", "fixed-delay")
    configuration.set_string("restart-strategy.fixed-delay.attempts", "3")
    configuration.set_string("restart-strategy.fixed-delay.delay", "100 ms")
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(2)
    env.enable_checkpointing(1000)
    return env


def build_job(env: StreamExecutionEnvironment, feed: Path, folder: Path) -> None:
    """Add the whole job to ``env``; its results go to folders in ``folder``."""
    source = env.from_source(DepartureFeed(str(feed)), departure_times(), "departures")
    departures = source.set_parallelism(1).filter(is_departure).set_parallelism(1)
    hour = TumblingEventTimeWindows.of(Time.hours(1))
    carriers = (
        departures.key_by(lambda departure: departure.carrier)
        .window(hour)
        .side_output_late_data(LATE)
        .aggregate(CountDelays(), NameAndTime("airlines", "carrier"))
        .name("delays by carrier")
    )
    by_airport = departures.key_by(lambda departure: departure.airport)
    # These windows drop what the windows above have put aside: it is late for both.
    airports = (
        by_airport.window(hour)
        .aggregate(CountDelays(), NameAndTime("airports", "faa"))
        .name("delays by airport")
    )
    alerts = by_airport.process(AirportWatch()).name("airport watch")
    write(carriers, folder / "carriers", Summary)
    write(airports, folder / "airports", Summary)
    write(alerts, folder / "alerts", Alert)
    write(carriers.get_side_output(LATE), folder / "late", Departure)


def is_departure(record: object) -> bool:
    """Leaves out the clock marks, which have done their work."""
    return type(record) is Departure


def write(stream: DataStream, folder: Path, record_type: type) -> None:
    """Write a stream exactly once: a file appears with the checkpoint that covers it."""
    sink = (
        FileSink.for_bulk_format(str(folder), ParquetBulkWriters.for_records(record_type))
        .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
        .with_output_file_config(OutputFileConfig("part", ".parquet"))
        .build()
    )
    stream.sink_to(sink).name(f"write {folder.name}")
