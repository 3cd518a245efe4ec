"""A year of flights from New York, analysed in streaming SQL.

Each .sql file beside this one holds a query with a word on what it shows; tables.sql declares the
files they read. The same files run in the shell:

    python examples/sql/prepare.py out/sql/flights_data
    cd out/sql && flott sql -i ../../examples/sql/tables.sql -f ../../examples/sql/top_airports.sql
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from prepare import write_tables

from flott.table import EnvironmentSettings, TableEnvironment

HERE = Path(__file__).parent
QUERIES = ("delays_by_hour", "weather", "top_airports", "aircraft_sessions")
ROWS_SHOWN = 5


def main() -> None:
    folder = Path("flights_data")
    counts = write_tables(folder)
    print(", ".join(f"{name}: {count:,} rows" for name, count in counts.items()))
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    for statement in statements("tables"):
        environment.execute_sql(statement.replace("flights_data", str(folder.resolve())))
    for name in QUERIES:
        show(environment, name)


def statements(name: str) -> list[str]:
    """The statements of a file."""
    parts = (HERE / f"{name}.sql").read_text().split(";\n")
    return [part for part in parts if part.strip()]


def show(environment: TableEnvironment, name: str) -> None:
    """Run a query and print the table it ends with, as far as it fits."""
    query = statements(name)[0]
    comment = " ".join(line[3:] for line in query.splitlines() if line.startswith("-- "))
    print(f"\n{name}: {comment}")
    final = environment.execute_sql(query).to_polars()
    print(f"{final.height:,} rows; the first of them:")
    with pl.Config(tbl_cols=-1, tbl_width_chars=120, tbl_hide_dataframe_shape=True):
        print(final.sort(final.columns).head(ROWS_SHOWN))


if __name__ == "__main__":
    main()
