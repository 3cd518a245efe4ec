"""A connector of one's own, used from Python and from SQL: orders in, revenue out.

The connector is the package ``flott_sqlite`` beside this file. Its entry point is found as if it
had been installed with ``pip install examples/connector``.
"""

import sqlite3
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = """
CREATE TABLE orders (item STRING, price BIGINT) WITH ('connector' = 'sqlite', 'path' = 'shop.db');
CREATE TABLE dear (item STRING, price BIGINT) WITH ('connector' = 'sqlite', 'path' = 'shop.db');
"""


def install(site: Path) -> None:
    """Leave behind what ``pip install`` does: the package on the path, its entry points named."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    about = site / f"flott_sqlite-{project['version']}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"]["flott.connectors"].items()
    lines = ["[flott.connectors]", *(f"{name} = {place}" for name, place in points)]
    (about / "entry_points.txt").write_text("\n".join(lines))
    sys.path[:0] = [str(site), str(HERE)]


def fill(path: str) -> None:
    """A shop's database, with orders."""
    orders = [("lamp", 40), ("desk", 310), ("pen", 2), ("shelf", 120)]
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (item TEXT, price INTEGER)")
        database.execute("CREATE TABLE dear (item TEXT, price INTEGER)")
        database.execute("CREATE TABLE labels (text TEXT)")
        database.executemany("INSERT INTO orders VALUES (?, ?)", orders)


def run_sql() -> None:
    """The connector as tables."""
    from flott.table import EnvironmentSettings, TableEnvironment

    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    for statement in SCRIPT.strip().split("\n"):
        environment.execute_sql(statement)
    environment.execute_sql("INSERT INTO dear SELECT * FROM orders WHERE price > 100").wait()


def run_stream() -> None:
    """The connector in a stream."""
    from flott_sqlite import SqliteSink, SqliteSource

    from flott.common import WatermarkStrategy
    from flott.datastream import StreamExecutionEnvironment

    environment = StreamExecutionEnvironment.get_execution_environment()
    source = SqliteSource("shop.db", ["orders"], ["item", "price"])
    orders = environment.from_source(source, WatermarkStrategy.no_watermarks(), "orders")
    labels = orders.map(lambda order: (f"{order[0]}: {order[1]} EUR",))
    labels.sink_to(SqliteSink("shop.db", "labels"))
    environment.execute("labels")


def main() -> None:
    """Run both, and show what they wrote."""
    install(Path("site"))
    fill("shop.db")
    run_sql()
    run_stream()
    database = sqlite3.connect("shop.db")
    print(database.execute("SELECT * FROM dear ORDER BY price").fetchall())
    for (label,) in database.execute("SELECT text FROM labels ORDER BY text"):
        print(label)


if __name__ == "__main__":
    main()
