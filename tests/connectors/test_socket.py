from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flott.common.errors import SourceError
from flott.connectors.socket import SocketTextSource
from flott.core.source import SourceReader
from tests.connectors.fakes import FakeContext, FakeCoordinator

PATIENCE_SECONDS = 20


class WakingContext(FakeContext):
    def __init__(self) -> None:
        super().__init__()
        self.woken = threading.Event()

    def wake(self) -> None:
        self.woken.set()


@contextmanager
def server(*messages: bytes) -> Iterator[int]:
    """Sends each message to a connection of its own, and then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for message in messages:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(message)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(PATIENCE_SECONDS)


def open_reader(source: SocketTextSource, context: WakingContext) -> SourceReader:
    coordinator = FakeCoordinator()
    source.create_enumerator(coordinator, None).handle_split_request(0)
    reader = source.create_reader(context)
    reader.add_splits(coordinator.take()[0][2])
    return reader


def read_all(source: SocketTextSource, rows_max: int = 100) -> list[str]:
    context = WakingContext()
    reader = open_reader(source, context)
    lines: list[str] = []
    try:
        while True:
            context.woken.clear()
            found = reader.poll(rows_max)
            if found is None:
                assert context.woken.wait(PATIENCE_SECONDS)
                continue
            if found.batch is not None:
                lines += found.batch.values  # type: ignore[attr-defined]
            if found.finished:
                return lines
    finally:
        reader.close()


def test_lines_come_until_the_server_closes() -> None:
    with server(b"to\nbe\r\nor not") as port:
        assert read_all(SocketTextSource("127.0.0.1", port)) == ["to", "be", "or not"]


def test_more_lines_than_a_batch_holds() -> None:
    lines = [f"line {n}" for n in range(1000)]
    with server("\n".join(lines).encode()) as port:
        assert read_all(SocketTextSource("127.0.0.1", port), rows_max=7) == lines


def test_more_than_the_queue_holds() -> None:
    lines = ["x" * 1000] * 20_000
    with server("\n".join(lines).encode()) as port:
        assert len(read_all(SocketTextSource("127.0.0.1", port))) == len(lines)


def test_another_delimiter() -> None:
    with server(b"to||be||") as port:
        assert read_all(SocketTextSource("127.0.0.1", port, "||")) == ["to", "be"]


def test_bytes_that_are_no_text_are_replaced() -> None:
    with server(b"a\xffb\n") as port:
        assert read_all(SocketTextSource("127.0.0.1", port)) == ["a\ufffdb"]


def test_it_connects_again_as_often_as_told() -> None:
    with server(b"1\n", b"2\n") as port:
        assert read_all(SocketTextSource("127.0.0.1", port, max_retries=1)) == ["1", "2"]


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SourceError, match=f"The connection to 127.0.0.1:{port} failed"):
        read_all(SocketTextSource("127.0.0.1", port))


def test_a_reader_can_be_closed_while_the_server_is_silent() -> None:
    silent = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reader = open_reader(
            SocketTextSource("127.0.0.1", listener.getsockname()[1]), WakingContext()
        )
        assert reader.poll(10) is None
        connection, _ = listener.accept()
        silent.set()
        reader.close()
        connection.close()
    assert reader.snapshot(1)[0].split_id.startswith("127.0.0.1:")


def test_addresses_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="from 1 to 65535"):
        SocketTextSource("localhost", 0)
    with pytest.raises(ValueError, match="must not be empty"):
        SocketTextSource("localhost", 9999, "")
