"""The examples on the page of SQL statements are one script that can be planned."""

import io
import re
from pathlib import Path

from rich.console import Console

from flott.cli.shell.checking import check_script
from tests.compatibility.sql_surface import EXECUTED

PAGE = (Path(__file__).parents[2] / "docs/reference/sql-statements.md").read_text()


def test_examples_of_the_page_can_be_planned() -> None:
    script = "\n".join(re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL))
    shown = io.StringIO()
    assert check_script(script, "page", Console(file=shown)) == 0, shown.getvalue()


def test_statements_that_are_executed_are_on_the_page() -> None:
    statements = {re.split(r"[ ,]", name)[0] for name in EXECUTED if name.isupper()}
    assert {"CREATE", "ALTER", "INSERT", "EXPLAIN", "STOP"} <= statements
    missing = [word for word in sorted(statements) if not re.search(rf"\b{word}\b", PAGE)]
    assert not missing
