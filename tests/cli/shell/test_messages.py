"""What the engine says while a query has the screen."""

import io
import logging

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from flott.cli.shell.messages import kept_messages
from flott.cli.shell.viewer import Taking, Viewer
from flott.table import EnvironmentSettings, TableEnvironment


class _Screen(io.StringIO):
    """A terminal that remembers what was written to it."""

    encoding = "utf-8"


def test_messages_are_kept_and_not_written(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("flott.kafka")
    with kept_messages() as messages:
        logger.warning("the %s are\n away", "brokers")
        assert messages.last == "the brokers are away"
        logger.info("nobody needs this")
        assert messages.last == "the brokers are away"
    assert "brokers" not in capfd.readouterr().err
    assert logging.getLogger("flott").propagate


def test_the_view_shows_the_last_message() -> None:
    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    taking = Taking(tables.execute_sql("SELECT 1 AS a"), [])
    taking.start()
    taking.wait()
    screen = _Screen()
    with kept_messages() as messages, create_pipe_input() as keys:
        messages.last = "the brokers are away"
        keys.send_text("q")
        output = Vt100_Output(screen, lambda: Size(rows=20, columns=80))
        with create_app_session(input=keys, output=output):
            Viewer(taking, messages, shows_changes=False, is_streaming=True).run()
    assert "the brokers are away" in screen.getvalue()
    assert "q leave" in screen.getvalue()
