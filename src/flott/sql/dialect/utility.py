"""SHOW, DESCRIBE, EXPLAIN, USE, SET and their kin."""

from __future__ import annotations

from flott.sql.dialect.changes import ChangeParser
from flott.sql.dialect.statements import (
    AnalyzeTable,
    CreateTable,
    CreateTableAs,
    CreateView,
    Describe,
    Explain,
    LoadModule,
    Path,
    Pattern,
    Place,
    ResetOption,
    SetOption,
    Show,
    Statement,
    StopJob,
    UnloadModule,
    Unsupported,
    Use,
    UseModules,
)
from flott.sql.dialect.tokens import TokenKind

#: SHOW of these knows LIKE only.
_PLAIN_PATTERNS = ("TABLES", "VIEWS", "MATERIALIZED TABLES")
_DETAILS = ("ESTIMATED_COST", "CHANGELOG_MODE", "PLAN_ADVICE", "JSON_EXECUTION_PLAN")


class UtilityParser(ChangeParser):
    """Reads statements about the session."""

    def statement(self) -> Statement:
        """Read any statement (see ``parser``)."""
        raise NotImplementedError

    def show(self) -> Statement:
        """Read ``SHOW ...``."""
        self.expect("SHOW")
        if self.accept("CURRENT"):
            word = self.accept_any("CATALOG", "DATABASE")
            if word is None:
                self.unexpected("CATALOG or DATABASE")
            return Show(f"CURRENT {word}")
        if self.accept("CREATE"):
            return self._show_create()
        if self.accept("FULL", "MODULES"):
            return Show("FULL MODULES")
        if self.accept("USER", "FUNCTIONS"):
            return self._show_scoped("USER FUNCTIONS")
        if self.accept("MATERIALIZED", "TABLES"):
            return self._show_scoped("MATERIALIZED TABLES")
        if self.accept("PARTITIONS"):
            name, place = self.object_path("a table")
            spec = self.partition_spec() if self.accept("PARTITION") else ()
            return Show("PARTITIONS", name, partition=spec, place=place)
        if self.accept("COLUMNS"):
            if not self.accept_any("FROM", "IN"):
                self.unexpected("FROM and a table")
            name, place = self.object_path("a table")
            if self._looks_at_ilike():
                self.unexpected("LIKE or NOT LIKE")
            return Show("COLUMNS", name, self._pattern(), place=place)
        word = self.accept_any(
            "TABLES", "VIEWS", "FUNCTIONS", "PROCEDURES", "DATABASES", "CATALOGS", "MODELS",
            "MODULES", "JARS", "JOBS", "CONNECTIONS",
        )  # fmt: skip
        if word is None:
            self.unexpected("TABLES, VIEWS, COLUMNS, FUNCTIONS, DATABASES, CATALOGS, ...")
        if word in ("MODULES", "JARS"):
            return Show(word)
        if word == "CATALOGS":
            return Show(word, pattern=self._pattern())
        return self._show_scoped(word)

    def _show_scoped(self, what: str) -> Statement:
        scope: Path = ()
        place: Place | None = None
        if self.accept_any("FROM", "IN"):
            scope, place = self.object_path("a database")
        if what in _PLAIN_PATTERNS and self._looks_at_ilike():
            self.unexpected("LIKE or NOT LIKE")
        return Show(what, scope, self._pattern(), place=place)

    def _looks_at_ilike(self) -> bool:
        return self.looks_at("ILIKE") or self.looks_at("NOT", "ILIKE")

    def _show_create(self) -> Statement:
        if self.accept("OR", "ALTER") and not self.looks_at("MATERIALIZED"):
            self.unexpected("MATERIALIZED TABLE")
        if self.accept("MATERIALIZED", "TABLE"):
            self.object_path("a table")
            return Unsupported("SHOW CREATE MATERIALIZED TABLE")
        word = self.accept_any("TABLE", "VIEW", "CATALOG", "MODEL")
        if word is None:
            self.unexpected("TABLE, VIEW or CATALOG")
        name, place = self.object_path()
        return Show(f"CREATE {word}", name, place=place)

    def _pattern(self) -> Pattern | None:
        is_negated = self.accept("NOT")
        word = self.accept_any("LIKE", "ILIKE")
        if word is None:
            if is_negated:
                self.unexpected("LIKE or ILIKE")
            return None
        return Pattern(self.string("a pattern in single quotes"), is_negated, word == "ILIKE")

    def describe(self) -> Statement:
        """Read ``DESCRIBE ...``."""
        self.advance()
        kind = "TABLE"
        words = ("CATALOG", "DATABASE", "FUNCTION", "MODEL", "JOB")
        is_name = self.ahead().kind is TokenKind.END or self.ahead().upper == "."
        if self.looks_at_any(*words) and not is_name:
            kind = self.advance().upper
        if kind == "JOB":
            return Describe(kind, (self.string("a job's id in single quotes"),))
        is_extended = self.accept("EXTENDED")
        name, place = self.object_path()
        return Describe(kind, name, is_extended, place=place)

    def explain(self) -> Statement:
        """Read ``EXPLAIN ...``."""
        self.expect("EXPLAIN")
        details: list[str] = []
        if self.accept("PLAN"):
            self.expect("FOR")
        elif self.looks_at_any(*_DETAILS):
            while True:
                found = self.accept_any(*_DETAILS)
                if found is None:
                    self.unexpected(", ".join(_DETAILS))
                if found in details:
                    self.error(f"{found} is asked for twice", self.last)
                details.append(found)
                if not self.accept(","):
                    break
        if self.looks_at("STATEMENT"):
            return Explain(tuple(details), self.statement_set())
        explained = ("INSERT", "EXECUTE", "CREATE", "REPLACE", "(")
        if not (self.looks_at_any(*explained) or self.looks_at_query()):
            self.unexpected("a query, INSERT or STATEMENT SET")
        first = self.token
        found_statement = self.statement()
        if isinstance(found_statement, CreateView):
            self.error("Only queries and inserts have a plan to explain", first)
        if isinstance(found_statement, CreateTable) and not isinstance(
            found_statement, CreateTableAs
        ):
            self.error("Only queries and inserts have a plan to explain", first)
        return Explain(tuple(details), found_statement)

    def use(self) -> Statement:
        """Read ``USE ...``."""
        self.expect("USE")
        if self.accept("MODULES"):
            return UseModules(tuple(self.separated(lambda: self.name("a module"))))
        if self.accept("CATALOG"):
            first = self.token
            catalog = (self.name("a catalog"),)
            return Use(catalog, is_catalog=True, place=self.place_since(first))
        name, place = self.object_path("a database")
        return Use(name, place=place)

    def set_option(self) -> Statement:
        """Read ``SET ['key' = 'value']``."""
        self.expect("SET")
        key = self.accept_string()
        if key is None:
            return SetOption()
        self.expect("=")
        return SetOption(key, self.string("a value in single quotes"))

    def reset_option(self) -> Statement:
        """Read ``RESET ['key']``."""
        self.expect("RESET")
        return ResetOption(self.accept_string())

    def load_module(self) -> Statement:
        """Read ``LOAD MODULE name [WITH (...)]``."""
        self.expect("LOAD", "MODULE")
        name = self.name("a module")
        return LoadModule(name, self.options() if self.accept("WITH") else {})

    def unload_module(self) -> Statement:
        """Read ``UNLOAD MODULE name``."""
        self.expect("UNLOAD", "MODULE")
        return UnloadModule(self.name("a module"))

    def analyze(self) -> Statement:
        """Read ``ANALYZE TABLE t [PARTITION (...)] COMPUTE STATISTICS [FOR ... COLUMNS ...]``."""
        self.expect("ANALYZE", "TABLE")
        name, place = self.object_path("a table")
        partition: list[str] = []
        columns: list[str] = []
        if self.accept("PARTITION"):
            self.expect("(")
            partition = self.separated(self._analyzed_partition)
            self.expect(")")
        self.expect("COMPUTE", "STATISTICS")
        if self.accept("FOR"):
            is_all = self.accept("ALL")
            self.expect("COLUMNS")
            columns = [] if is_all else self.separated(self.name)
        return AnalyzeTable(name, tuple(partition), tuple(columns), place=place)

    def _analyzed_partition(self) -> str:
        name = self.name("a partition column")
        if self.accept("=") and self.literal() is None:
            self.unexpected("a literal")
        return name

    def stop_job(self) -> Statement:
        """Read ``STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN]``."""
        self.expect("STOP", "JOB")
        job_id = self.string("a job's id in single quotes")
        with_savepoint = self.accept("WITH", "SAVEPOINT")
        return StopJob(job_id, with_savepoint, self.accept("WITH", "DRAIN"))

    def jar(self) -> Statement:
        """Read ``ADD|REMOVE JAR 'path'``."""
        word = self.advance().upper
        self.expect("JAR")
        self.string("the path of a file in single quotes")
        return Unsupported(
            f"{word} JAR", "There is no JVM here: connectors and functions are Python packages."
        )
