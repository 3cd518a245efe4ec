"""A real schema registry, which keeps its schemas in memory.

Apicurio Registry speaks the protocol of Confluent's, under a path of its own. It is fetched like
the brokers, as one archive that is unpacked beside itself when it is first started.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path
from types import TracebackType

from confluent_kafka.schema_registry import SchemaRegistryClient

from tests.services.java import JavaProcess, require
from tests.services.kafka import wait_until

JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# Port 0: the system gives one that is free, and the log says which.
SETTINGS = {"quarkus.http.host": "127.0.0.1", "quarkus.http.port": "0"}
PATH = "/apis/ccompat/v7"


class SchemaRegistryService:
    """A registry process.

    Args:
        folder: Where its log goes.
    """

    def __init__(self, folder: Path) -> None:
        self.log = folder / "registry.log"
        self.url = ""
        self._process: JavaProcess | None = None

    def __enter__(self) -> SchemaRegistryService:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def client(self) -> SchemaRegistryClient:
        """A client of it, which knows nothing yet."""
        return SchemaRegistryClient({"url": self.url})

    def start(self, owner_pid: int | None = None) -> None:
        """Start it and wait until it answers."""
        program = unpacked()
        (runner,) = program.glob("*-runner.jar")
        settings = [f"-D{key}={value}" for key, value in SETTINGS.items()]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            command = [*JVM, *settings, "-jar", str(runner)]
            self._process = JavaProcess(command, output, owner_pid)
        wait_until(self._is_ready, f"the schema registry answers; its log is {self.log}")

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.stop()

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.is_running, f"the schema registry has ended; its log is {self.log}"
        found = re.search(r"Listening on: (http://[\w.:]+)", self.log.read_text(errors="replace"))
        if found is not None:
            self.url = found[1] + PATH
        return found is not None


def unpacked() -> Path:
    """The folder with the program, unpacked at the first time."""
    folder = require("registry")
    program = folder / "program"
    if not program.is_dir():
        (archive,) = folder.glob("*.zip")
        with tempfile.TemporaryDirectory(dir=folder) as place:
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(f"{place}/program")
            try:
                Path(place, "program").rename(program)
            except OSError:
                assert program.is_dir(), "somebody else was faster, or it would have worked"
    return program
