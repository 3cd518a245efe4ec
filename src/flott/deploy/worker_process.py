"""The main program of a worker process: a worker machine between sockets.

Started by ``processes`` with ``python -m flott.deploy.worker_process``; settings come on standard
input. The process ends when the coordinator says so or hangs up, whatever happens, so that none
is ever left over.
"""

from __future__ import annotations

import importlib
import os
import pickle
import selectors
import signal
import socket
import sys
import threading
from collections import deque
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.deploy.composition import open_storage, runtime_services
from flott.deploy.garbage import collect_rarely
from flott.deploy.peers import PeerTransport, deliver
from flott.deploy.programs import dump_values, load_program
from flott.deploy.wire import Peers, Program, WorkerSettings, WorkerStarted
from flott.deploy.worker_output import name_printing_operators
from flott.io.auth import authenticate
from flott.io.connection import Connection
from flott.io.system_clock import SystemClock
from flott.io.thread_calls import ThreadCalls
from flott.io.waker import Waker
from flott.runtime.messages import ToCoordinator
from flott.runtime.task.failure import PeerLostError
from flott.runtime.worker.worker import Worker

#: Turns between two looks at the sockets while there is work.
TURNS_MAX: Final = 8
SLEEP_MAX_S: Final = 1.0


class WorkerProcess:
    """Joins one worker machine to its coordinator and its peers."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._selector = selectors.DefaultSelector()
        self._waker = Waker()
        self._clock = SystemClock()
        self._blocking = ThreadCalls(self._waker.wake)
        self._outgoing: dict[Connection, bool] = {}  # whether they wait to be writable
        self._incoming: dict[Connection, int] = {}  # the attempt they served last
        self._accepted: deque[Connection] = deque()
        configuration = Configuration.from_dict(settings.configuration)
        self._transport = PeerTransport(
            settings.secret, self._watch_peer, self._forget_peer, self._lose_peer
        )
        storage = open_storage(settings.storage_root)
        services = runtime_services(
            configuration, self._clock, self._blocking, storage, self._waker.wake
        )
        self._worker = Worker(settings.index, services, self._transport, self._report)
        self._listener = self._listen()
        self._control = self._connect()
        self._selector.register(self._waker.receiver, selectors.EVENT_READ, "waker")
        self._selector.register(self._control.socket, selectors.EVENT_READ, self._control)

    def run(self) -> None:
        """Serve until told to stop, or until the coordinator is gone."""
        threading.Thread(target=self._accept, name="flott-accept", daemon=True).start()
        self._control.send(WorkerStarted(self._settings.index, self._address))
        while not self._worker.stopped:
            worked = False
            for _ in range(TURNS_MAX):
                has_worked = self._worker.turn()
                self._transport.flush()
                if not has_worked:
                    break
                worked = True
                if self._blocking.has_results:
                    break  # a checkpoint's next step should not wait for so many turns
            if self._control.wants_write:
                self._control.flush()
            for key, events in self._selector.select(0.0 if worked else self._sleep_s()):
                self._serve(key.data, events)
            self._register_accepted()
            self._blocking.deliver()

    # --- sockets -----------------------------------------------------------------------------

    def _serve(self, what: Any, events: int) -> None:
        if what == "waker":
            self._waker.drain()
        else:
            assert isinstance(what, Connection)
            if events & selectors.EVENT_WRITE and not what.closed:
                self._flush(what)
            if events & selectors.EVENT_READ and not what.closed:
                self._receive(what)

    def _receive(self, connection: Connection) -> None:
        if connection in self._outgoing:
            self._transport.lose(connection)  # nothing ever comes back on it but its end
            return
        values = connection.receive()
        if values is None:
            if connection is self._control:
                os._exit(1)  # nobody is left who could want anything from this process
            self._end_incoming(connection)
            return
        for value in values:
            if connection is not self._control:
                self._incoming[connection] = deliver(self._worker, value)
            elif isinstance(value, Program):
                self._worker.handle(load_program(value.data))
            elif isinstance(value, Peers):
                self._transport.set_addresses(dict(value.addresses))
            else:
                self._worker.handle(value)

    def _flush(self, connection: Connection) -> None:
        assert connection in self._outgoing, "only they are watched for room"
        try:
            connection.flush()
        except OSError as error:
            self._transport.lose(connection, error)
        else:
            self._watch_peer(connection, connection.wants_write)

    def _watch_peer(self, connection: Connection, wants_write: bool) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wants_write else 0)
        before = self._outgoing.get(connection)
        self._outgoing[connection] = wants_write
        if before is None:
            self._selector.register(connection.socket, events, connection)
        elif before is not wants_write:
            self._selector.modify(connection.socket, events, connection)

    def _forget_peer(self, connection: Connection) -> None:
        del self._outgoing[connection]
        self._selector.unregister(connection.socket)

    def _end_incoming(self, connection: Connection) -> None:
        """A peer has hung up: it may have had something to say yet."""
        self._selector.unregister(connection.socket)
        connection.close()
        attempt = self._incoming.pop(connection)
        self._lose_peer(attempt, PeerLostError("another worker closed its connection"))

    def _lose_peer(self, attempt: int, error: PeerLostError) -> None:
        self._worker.lose_peer(attempt, error)

    def _accept(self) -> None:
        """Shake hands with peers; on a thread, for two workers may call each other at once."""
        while True:
            sock, _ = self._listener.accept()
            try:
                authenticate(sock, self._settings.secret, is_server=True)
            except OSError:
                sock.close()
                continue
            self._accepted.append(Connection(sock))
            self._waker.wake()

    def _register_accepted(self) -> None:
        while self._accepted:
            connection = self._accepted.popleft()
            self._incoming[connection] = -1
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def _report(self, message: ToCoordinator) -> None:
        try:
            self._control.send(message, dumps=dump_values)
        except OSError:
            os._exit(1)

    def _listen(self) -> socket.socket:
        name = f"worker-{self._settings.index}-{self._settings.incarnation}"
        self._address = os.path.join(self._settings.directory, name)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self._address)
        listener.listen()
        return listener

    def _connect(self) -> Connection:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(self._settings.coordinator)
        authenticate(sock, self._settings.secret, is_server=False)
        return Connection(sock)

    def _sleep_s(self) -> float:
        deadline = self._worker.next_deadline_ms
        if deadline is None:
            return SLEEP_MAX_S
        return min(SLEEP_MAX_S, max(0.0, (deadline - self._clock.now_ms()) / 1000.0))


def _end_with_parent() -> None:
    """End when standard input closes, even while a user's function does not come back."""
    os.read(0, 1)
    os._exit(1)


def main() -> None:
    """Read the settings and serve."""
    settings = pickle.load(sys.stdin.buffer)
    assert isinstance(settings, WorkerSettings)
    threading.Thread(target=_end_with_parent, name="flott-parent-watch", daemon=True).start()
    sys.path[:] = settings.import_path
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the coordinator, which tells us
    name_printing_operators()
    for module in settings.modules:
        importlib.import_module(module)
    collect_rarely()
    WorkerProcess(settings).run()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # threads of connectors must not hold the process


if __name__ == "__main__":
    main()
