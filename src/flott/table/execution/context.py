"""What the statements of one environment share: catalog, options, modules, and the jobs started."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flott.common.configuration import Configuration
from flott.common.job_client import JobClient
from flott.common.options import table as table_options
from flott.common.sql_errors import SqlError, SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.manager import CatalogManager
from flott.sql.dialect.statements import Place
from flott.sql.session import Session

CORE_MODULE = "core"


@dataclass(frozen=True, slots=True)
class StartedJob:
    """A job of this environment.

    Attributes:
        name: Its name.
        client: Speaks for it.
    """

    name: str
    client: JobClient

    @property
    def start_time(self) -> datetime.datetime:
        """When it was started, in UTC."""
        seconds = self.client.get_start_time_ms() / 1000
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC)

    @property
    def status(self) -> str:
        """What it does now: RUNNING, FINISHED, ..."""
        return self.client.get_job_status().result().name


class ExecutionContext:
    """Lives as long as its environment.

    Attributes:
        catalog: The catalogs.
        configuration: The options; SET changes them.
        initial: The options at the beginning; RESET goes back to them.
        loaded_modules: Modules loaded.
        used_modules: Those in use, in the order in which functions are looked up.
        jobs: The jobs started, by id.
    """

    def __init__(self, catalog: CatalogManager, configuration: Configuration) -> None:
        self.catalog = catalog
        self.configuration = configuration
        self.initial = Configuration(configuration)
        self.loaded_modules = [CORE_MODULE]
        self.used_modules = [CORE_MODULE]
        self.jobs: dict[str, StartedJob] = {}

    def session(self, text: str = "") -> Session:
        """The session of a statement of this text."""
        return Session.create(self.catalog, self.configuration).of(text)

    def add_job(self, name: str, client: JobClient) -> None:
        """Keep a job that was just started."""
        self.jobs[str(client.get_job_id())] = StartedJob(name, client)

    def job(self, job_id: str) -> StartedJob:
        """A job by its id.

        Raises:
            SqlValidationError: There is none.
        """
        if job_id not in self.jobs:
            hint = did_you_mean(job_id, self.jobs, "Jobs")
            raise SqlValidationError(f"There is no job '{job_id}'", hint=hint)
        return self.jobs[job_id]

    @property
    def column_width(self) -> int:
        """Width of the widest column printed."""
        return int(self.configuration.get(table_options.DISPLAY_COLUMN_WIDTH))


def _move(error: SqlError, text: str) -> None:
    """Count lines and columns from the beginning of ``text``, of which the statement is a part."""
    before = text[: text.index(error.statement or "")]
    if error.line == 1 and error.column is not None:
        error.column += len(before) - (before.rfind("\n") + 1)
    if error.line is not None:
        error.line += before.count("\n")
    error.statement = text


@contextmanager
def errors_at(place: Place | None, text: str) -> Iterator[None]:
    """Give errors of SQL that know no place the place of their statement, and those that know one
    in an expression of it the place in the whole text."""
    try:
        yield
    except SqlError as error:
        if error.statement is None:
            error.statement = text
        elif error.statement != text and text.count(error.statement) == 1:
            _move(error, text)
        if error.line is None and place is not None:
            error.line, error.column, error.length = place.line, place.column, place.length
        raise
