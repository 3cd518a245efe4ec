"""Programs in Java: jars in a cache that checkouts share, and processes that leave no orphans.

``poms/<name>.xml`` says what a service consists of and carries the version. ``install`` has Maven
copy the jars to a folder of the cache that appears at once and whole; when it is there, nothing is
done. A program runs under a guard (``guard.py``), which ends when the process that started it
does, by whatever means, and takes the program with it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

POMS = Path(__file__).with_name("poms")
GUARD = Path(__file__).with_name("guard.py")
#: Fetching takes no longer, unless the registry is out of reach.
FETCH_LIMIT_S = 600


class MissingService(Exception):
    """A service can not be had here; the message says what is missing and what to do."""


def cache_folder() -> Path:
    """Where fetched services are kept, for all checkouts."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "flott" / "services"


def version_of(service: str) -> str:
    """The version its pom names."""
    found = re.search(r"<version>([^<$]+)</version>", (POMS / f"{service}.xml").read_text())
    assert found is not None, f"the pom of {service} has no version"
    return found[1]


def jar_folder(service: str) -> Path:
    """Where the jars of a service are, or would be."""
    return cache_folder() / f"{service}-{version_of(service)}"


def require(service: str) -> Path:
    """The jars of a service.

    On a machine for continuous integration they are fetched when they are not there.

    Raises:
        MissingService: Java is missing, or the jars are.
    """
    if shutil.which("java") is None:
        raise MissingService(f"{service} needs Java 17 or later on the path")
    folder = jar_folder(service)
    if not folder.is_dir():
        if os.environ.get("CI") != "true":
            raise MissingService(f"{service} {version_of(service)} is not fetched: `make services`")
        install(service)
    return folder


def install(service: str) -> bool:
    """Fetch the jars of a service; false if they were there.

    Raises:
        MissingService: Maven is missing or could not fetch them.
    """
    folder = jar_folder(service)
    if folder.is_dir():
        return False
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingService(f"fetching {service} needs Maven (`mvn`) on the path")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as place:
        _copy_jars(maven, service, Path(place))
        try:
            (Path(place) / "jars").rename(folder)
        except OSError:
            assert folder.is_dir(), "somebody else was faster, or the rename would have worked"
    return True


def _copy_jars(maven: str, service: str, place: Path) -> None:
    shutil.copy(POMS / f"{service}.xml", place / "pom.xml")
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
    command = [maven, "--batch-mode", "--quiet", goal, f"-DoutputDirectory={place}/jars"]
    try:
        subprocess.run(
            command, cwd=place, check=True, capture_output=True, text=True, timeout=FETCH_LIMIT_S
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = str(error.stdout or "")[-1500:]
        raise MissingService(f"Maven could not fetch {service}: {error}\n{said}") from error


class JavaProcess:
    """A running Java program with its guard.

    Args:
        command: What ``java`` gets.
        output: A file for what the program says.
        owner_pid: The program ends when this process does; by default the caller's.
    """

    def __init__(
        self, command: Sequence[str], output: IO[bytes], owner_pid: int | None = None
    ) -> None:
        java = shutil.which("java")
        assert java is not None, "require() has seen it"
        owner = str(owner_pid or os.getpid())
        self._guard = subprocess.Popen(
            [sys.executable, "-S", "-E", str(GUARD), owner, java, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
        )
        assert self._guard.stdout is not None
        self.pid = int(self._guard.stdout.readline())

    @property
    def is_running(self) -> bool:
        """Whether neither the program nor its guard has ended."""
        return self._guard.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program, if it runs."""
        if self.is_running:
            os.kill(self.pid, number)

    def wait(self, timeout_s: float = 60) -> None:
        """Wait until it has ended."""
        self._guard.wait(timeout_s)
        assert self._guard.stdout is not None
        self._guard.stdout.close()

    def stop(self) -> None:
        """End it at once, paused or not."""
        self.signal(signal.SIGKILL)
        self.wait()


def run_java(jars: Path, *command: str, limit_s: float = 60) -> None:
    """Run a Java program that ends by itself.

    Raises:
        MissingService: It failed; with the last of what it said.
    """
    done = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jars}/*", *command],
        capture_output=True,
        text=True,
        timeout=limit_s,
    )
    if done.returncode:
        raise MissingService(f"{command[0]} failed: {(done.stdout + done.stderr)[-1500:]}")


def main(services: Sequence[str]) -> int:
    """Fetch services, all of them by default."""
    for service in services or sorted(pom.stem for pom in POMS.glob("*.xml")):
        try:
            if install(service):
                print(f"{service} {version_of(service)} is in {jar_folder(service)}")
        except MissingService as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
