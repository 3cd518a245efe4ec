"""One worker process for each unit of parallelism, on this machine.

Workers are spawned as fresh interpreters, never forked: a child forked after its parent used
Polars hangs in it. The coordinator runs in the process that started the job and notices a dead
worker by its closed connection; a worker notices a dead coordinator the same way and ends.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.deploy.composition import checkpoint_root, open_storage
from flott.deploy.driver import JobDriver
from flott.deploy.programs import dump_program, engine_modules
from flott.deploy.screen import shows_status
from flott.deploy.wire import Peers, Program, WorkerSettings, WorkerStarted
from flott.deploy.worker_output import pass_on
from flott.io.auth import authenticate, new_secret
from flott.io.connection import Connection
from flott.io.thread_calls import ThreadCalls
from flott.io.waker import Waker
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.messages import (
    AssignSplits,
    CoordinatorEvent,
    DeployTasks,
    StopWorker,
    ToWorker,
)

#: How long a worker has to end by itself once the job is over.
STOP_GRACE_S: Final = 5.0
#: A process that a worker has started may hold its output open for ever.
OUTPUT_GRACE_S: Final = 1.0


class _WorkerHandle:
    """What the driver knows about one worker process."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.connection: Connection | None = None
        self.address = ""
        self.incarnation = -1
        self.output: list[threading.Thread] = []

    def finish_output(self) -> None:
        """Wait until everything is passed on that the process has printed."""
        for thread in self.output:
            thread.join(OUTPUT_GRACE_S)
        self.output.clear()


class ProcessesDriver(JobDriver):
    """Runs a job on worker processes of this machine."""

    def __init__(self, job_id: str, plan: JobPlan, configuration: Configuration) -> None:
        super().__init__(job_id, plan, configuration)
        self._secret = new_secret()
        self._has_deployed = False
        self._passes_output_on = shows_status(configuration)
        self._waker = Waker()
        self._selector = selectors.DefaultSelector()
        self._directory = tempfile.mkdtemp(prefix="flott-")
        self._root, self._is_temporary = checkpoint_root(configuration, job_id)
        self._blocking = ThreadCalls(self.wake)
        self._workers = [_WorkerHandle() for _ in range(plan.parallelism)]
        self._listener = self._listen()
        self._selector.register(self._waker.receiver, selectors.EVENT_READ, "waker")
        self._selector.register(self._listener, selectors.EVENT_READ, "listener")
        services = CoordinatorServices(
            start_id=self.start_id,
            clock=self.clock,
            blocking=self._blocking,
            storage=open_storage(self._root),
            open_storage=open_storage,
            workers=len(self._workers),
            send=self._send,
            stop_worker=self._kill,
            start_worker=self._start_worker,
            on_phase=self._note_phase,
            on_event=self.results.on_event,
            on_report=self._note_report,
        )
        self.coordinator = JobCoordinator(job_id, plan, configuration, services)
        for index in range(len(self._workers)):
            self._start_worker(index)

    def wake(self) -> None:
        self._waker.wake()

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [w.process.pid for w in self._workers if w.process is not None]

    def step(self, sleep: bool = True) -> None:
        worked = self._run_commands() | self._blocking.deliver() | self.coordinator.advance()
        timeout = 0.0 if worked or not sleep or self.is_over else self._sleep_ms() / 1000.0
        for key, events in self._selector.select(timeout):
            self._serve(key.data, events)
        self._notice_early_deaths()

    def release(self) -> None:
        for index in range(len(self._workers)):
            self._send(index, StopWorker())
        for handle in self._workers:
            self._reap(handle)
        self._blocking.close()
        self._selector.close()
        self._listener.close()
        self._waker.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        if self._is_temporary:
            shutil.rmtree(self._root, ignore_errors=True)

    # --- workers -----------------------------------------------------------------------------

    def _start_worker(self, index: int) -> None:
        handle = self._workers[index]
        handle.incarnation += 1
        environment = dict(os.environ, POLARS_MAX_THREADS="1")
        settings = WorkerSettings(
            index=index,
            secret=self._secret,
            coordinator=self._address,
            directory=self._directory,
            configuration=self.configuration.to_dict(),
            storage_root=self._root,
            import_path=list(sys.path),
            incarnation=handle.incarnation,
            modules=engine_modules(self.plan),
        )
        output = subprocess.PIPE if self._passes_output_on else None
        handle.process = subprocess.Popen(
            [sys.executable, "-m", "flott.deploy.worker_process"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
        )
        for pipe, name in ((handle.process.stdout, "stdout"), (handle.process.stderr, "stderr")):
            if pipe is not None:
                handle.output.append(pass_on(pipe, name))
        assert handle.process.stdin is not None
        try:
            handle.process.stdin.write(pickle.dumps(settings))
            handle.process.stdin.flush()  # stays open: a worker ends when it closes
        except BrokenPipeError:
            pass  # noticed as an early death

    def _send(self, worker: int, message: ToWorker) -> None:
        connection = self._workers[worker].connection
        if connection is None:
            return
        try:
            if isinstance(message, DeployTasks):
                self._note_deployment()
                connection.send(Peers({i: w.address for i, w in enumerate(self._workers)}))
            if isinstance(message, DeployTasks | AssignSplits | CoordinatorEvent):
                connection.send(Program(dump_program(message)))
            else:
                connection.send(message)
        except OSError:
            return  # its closed connection will be noticed
        self._watch(worker, connection)

    def _note_deployment(self) -> None:
        """The run time of a job does not count the start of its processes."""
        if not self._has_deployed:
            self._has_deployed = True
            self.started_ms = self.clock.now_ms()

    def _watch(self, worker: int, connection: Connection) -> None:
        events = selectors.EVENT_READ
        if connection.wants_write:
            events |= selectors.EVENT_WRITE
        self._selector.modify(connection.socket, events, worker)

    def _kill(self, worker: int) -> None:
        process = self._workers[worker].process
        if process is not None:
            process.kill()

    def _lose(self, worker: int) -> None:
        handle = self._workers[worker]
        if handle.connection is not None:
            self._selector.unregister(handle.connection.socket)
            handle.connection.close()
            handle.connection = None
        reason = "its process ended"
        if handle.process is not None:
            handle.process.kill()
            reason = f"its process ended with exit code {handle.process.wait()}"
            _close_input(handle.process)
            handle.process = None
            handle.finish_output()
        self.coordinator.worker_lost(worker, reason)

    def _notice_early_deaths(self) -> None:
        for index, handle in enumerate(self._workers):
            process = handle.process
            if process is not None and handle.connection is None and process.poll() is not None:
                self._lose(index)

    def _reap(self, handle: _WorkerHandle) -> None:
        if handle.process is not None:
            if handle.connection is None:
                handle.process.kill()
            else:
                handle.connection.flush()
            try:
                handle.process.wait(STOP_GRACE_S)
            except subprocess.TimeoutExpired:
                handle.process.kill()
                handle.process.wait()
            _close_input(handle.process)
            handle.process = None
            handle.finish_output()
        if handle.connection is not None:
            handle.connection.close()
            handle.connection = None

    # --- sockets -----------------------------------------------------------------------------

    def _listen(self) -> socket.socket:
        self._address = os.path.join(self._directory, "coordinator")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self._address)
        listener.listen()
        return listener

    def _serve(self, what: Any, events: int) -> None:
        if what == "waker":
            self._waker.drain()
        elif what == "listener":
            self._accept()
        else:
            self._serve_worker(what, events)

    def _serve_worker(self, worker: int, events: int) -> None:
        connection = self._workers[worker].connection
        if connection is None:
            return
        try:
            if events & selectors.EVENT_WRITE:
                connection.flush()
                self._watch(worker, connection)
            values = connection.receive() if events & selectors.EVENT_READ else []
        except OSError:
            values = None
        if values is None:
            self._lose(worker)
            return
        for value in values:
            self.coordinator.handle(worker, value)

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        try:
            authenticate(sock, self._secret, is_server=True)
            started = self._first_value(Connection(sock))
        except OSError:
            sock.close()
            return
        connection, message = started
        handle = self._workers[message.index]
        handle.connection, handle.address = connection, message.address
        self._selector.register(sock, selectors.EVENT_READ, message.index)
        self.coordinator.worker_ready(message.index)

    def _first_value(self, connection: Connection) -> tuple[Connection, WorkerStarted]:
        with selectors.DefaultSelector() as selector:
            selector.register(connection.socket, selectors.EVENT_READ)
            while True:
                if not selector.select(5.0):
                    raise ConnectionError("a worker connected and said nothing")
                values = connection.receive()
                if values is None:
                    raise ConnectionError("a worker hung up at once")
                if values:
                    assert isinstance(values[0], WorkerStarted)
                    return connection, values[0]


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
