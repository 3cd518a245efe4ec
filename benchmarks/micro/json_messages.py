"""Messages of JSON into columns and back, beside Polars and orjson, on one core.

    python benchmarks/micro/json_messages.py [--messages 65536]

Bids of Nexmark of about 200 bytes. Each line: millions of messages a second of CPU time, all that
is between ``Binary`` messages and columns included. ``orjson`` gives dicts, not columns.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import orjson
import polars as pl

from flott.common import logical_types as t
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.columns import find_format
from flott.formats.columns.contract import ColumnFormat, FormatRequest

FIELDS = (
    t.RowField("auction", t.BigIntType()),
    t.RowField("bidder", t.BigIntType()),
    t.RowField("price", t.BigIntType()),
    t.RowField("channel", t.STRING),
    t.RowField("url", t.STRING),
    t.RowField("dateTime", t.TimestampType(3)),
    t.RowField("extra", t.STRING),
)
ALL = tuple(field.name for field in FIELDS)
THREE = ("auction", "price", "dateTime")
FOUR = ("auction", "price", "channel", "dateTime")


def bids(count: int) -> pl.DataFrame:
    """Columns f0, f1, ... of bids."""
    random = np.random.default_rng(7)
    letters = np.array(list("abcdefghijklmnopqrst"))

    def words(size: int) -> list[str]:
        return ["".join(each) for each in letters[random.integers(0, 20, (count, size))]]

    url = ["https://www.nexmark.com/" + word + "/item.htm?query=1" for word in words(12)]
    channels = np.array(["Google", "Facebook", "Baidu", "Apple", "channel-7521"])
    return pl.DataFrame(
        {
            "f0": random.integers(1000, 400_000, count),
            "f1": random.integers(1000, 300_000, count),
            "f2": random.integers(100, 10_000_000, count),
            "f3": channels[random.integers(0, 5, count)],
            "f4": url,
            "f5": pl.Series(1_709_208_000_000_000 + np.arange(count) * 1000).cast(pl.Datetime),
            "f6": words(30),
        }
    )


def speed(work: Callable[[], object], count: int) -> float:
    """Millions of messages a second of CPU time, the best of five times."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return count / best / 1e6


def make_format(name: str) -> ColumnFormat:
    """A format without options."""
    return find_format(name).create(TableOptions({}, "bids"))


def reading(messages: pl.Series) -> dict[str, Callable[[], object]]:
    """What is measured of reading."""
    json = make_format("json")
    whole = json.create_message_decoder(FormatRequest(FIELDS, ALL))
    some = json.create_message_decoder(FormatRequest(FIELDS, THREE))
    texts = messages.to_list()
    # One in a hundred is not plain; it takes the long way alone.
    odd = pl.Series(
        [text if index % 100 else text.replace(b'"price":', b'"price":" 1 ","x":')
         for index, text in enumerate(texts)]
    )  # fmt: skip
    names = {field.name: pl.String if field.data_type == t.STRING else pl.Int64 for field in FIELDS}
    columns = pl.Struct(names | {"dateTime": pl.String})
    three = pl.Struct({"auction": pl.Int64, "price": pl.Int64, "dateTime": pl.String})

    def polars(wanted: pl.Struct) -> pl.DataFrame:
        frame = messages.cast(pl.String).str.json_decode(wanted).struct.unnest()
        return frame.with_columns(pl.col("dateTime").str.to_datetime("%Y-%m-%d %H:%M:%S%.f"))

    return {
        "read all columns": lambda: whole.decode(messages),
        "read three columns": lambda: some.decode(messages),
        "read all, 1 % not plain": lambda: whole.decode(odd),
        "Polars, all columns": lambda: polars(columns),
        "Polars, three columns": lambda: polars(three),
        "orjson, dicts": lambda: [orjson.loads(text) for text in texts],
    }


def writing(frame: pl.DataFrame) -> dict[str, Callable[[], object]]:
    """What is measured of writing."""
    json, debezium = make_format("json"), make_format("debezium-json")
    by_name = {field.name: field for field in FIELDS}
    fields = [by_name[name] for name in FOUR]
    chosen = frame.select(f"f{ALL.index(name)}" for name in FOUR)
    four = ColumnBatch(chosen.rename({old: f"f{i}" for i, old in enumerate(chosen.columns)}))
    some, whole = (json.create_message_encoder(each, ()) for each in (fields, FIELDS))
    changes = debezium.create_message_encoder(fields, ())
    dicts = chosen.with_columns(pl.col("f5").dt.to_string()).to_dicts()
    return {
        "write four columns": lambda: some.encode(four),
        "write all columns": lambda: whole.encode(ColumnBatch(frame)),
        "write four columns as Debezium": lambda: changes.encode(four),
        "Polars, four columns": lambda: four.frame.write_ndjson(),
        "orjson, four fields of dicts": lambda: [orjson.dumps(each) for each in dicts],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=65_536)
    count = parser.parse_args().messages
    frame = bids(count)
    messages = make_format("json").create_message_encoder(FIELDS, ()).encode(ColumnBatch(frame))
    size = sum(map(len, messages.head(1000))) / min(count, 1000)
    print(f"{count} messages of {size:.0f} bytes, millions a second of CPU time")
    for name, work in (reading(messages) | writing(frame)).items():
        print(f"{name:32} {speed(work, count):6.2f}")


if __name__ == "__main__":
    main()
