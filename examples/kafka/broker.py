"""A Kafka broker for as long as the example runs: one process, its data in a temporary folder.

The jars are those that `make services` has fetched; Java 17 has to be there.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60
SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
auto.create.topics.enable=false
"""


@contextmanager
def running_broker() -> Iterator[str]:
    """A broker; gives its address."""
    jars = find_jars()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port, controller = free_port(), free_port()
        properties = folder / "server.properties"
        properties.write_text(SETTINGS.format(port=port, controller=controller, folder=folder))
        java = ["java", "-Xmx320m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]
        format_storage = ["kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*java, *format_storage, "-c", str(properties)], check=True, **quiet)
        process = subprocess.Popen([*java, "kafka.Kafka", str(properties)], **quiet)
        try:
            wait_for(port, process)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def find_jars() -> Path:
    """Where `make services` has put the broker."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    found = sorted((Path(root) / "flott" / "services").glob("kafka-*"))
    if not found or shutil.which("java") is None:
        raise SystemExit("There is no broker: run `make services`, or name one by --servers.")
    return found[-1]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the broker listens."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The broker did not start.")
