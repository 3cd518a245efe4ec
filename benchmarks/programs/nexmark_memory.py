"""One Nexmark query on one worker of Flott over rows in memory; prints its seconds as JSON.

The rows are those of ``nexmark_duckdb.py``; the difference to a run with the generator is what
making the events costs. Rows in memory have no event time, so this is for queries without windows.
"""

from __future__ import annotations

import json
import sys

import polars as pl
from nexmark_duckdb import read_options
from nexmark_script import generator_options, read_script

from flott.common.table_options import TableOptions
from flott.connectors.nexmark.config import EventKind, NexmarkConfig
from flott.connectors.nexmark.events import EventMaker
from flott.connectors.tables.nexmark import read_config
from flott.table import EnvironmentSettings, TableEnvironment


def rows_of(config: NexmarkConfig, kind: EventKind) -> pl.DataFrame:
    """All persons, auctions or bids."""
    maker = EventMaker(config, [kind.name.lower()], frozenset({kind}))
    return maker.make(0, config.events_num).select(pl.col("f0").struct.unnest())


def main() -> None:
    """``nexmark_memory.py QUERY EVENTS``."""
    query, events = sys.argv[1:]
    config = read_config(TableOptions(read_options(generator_options(int(events))), "events"))
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("parallelism.default", "1")
    for kind in EventKind:
        environment.create_temporary_view(kind.name.lower(), rows_of(config, kind))
    _, statement = read_script(query, "", "")
    result = environment.execute_sql(statement)
    result.wait()
    client = result.get_job_client()
    assert client is not None
    print(
        json.dumps({"seconds": client.get_job_execution_result().result().get_net_runtime() / 1000})
    )


if __name__ == "__main__":
    main()
