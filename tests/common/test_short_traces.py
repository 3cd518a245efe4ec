"""Tracebacks of Flott's errors say nothing of the engine."""

from __future__ import annotations

import traceback

import pytest

from flott.common.errors import ConfigurationError
from flott.common.short_traces import SHORT_TRACES, is_users_file, shorten_trace


@pytest.mark.parametrize(
    ("name", "is_users"),
    [
        ("/home/ada/job.py", True),
        (traceback.__file__, False),
        ("/opt/venv/lib/python3.12/site-packages/polars/frame.py", False),
        ("/opt/venv/lib/python3.12/site-packages/adas_tools/parse.py", True),
        ("<frozen importlib._bootstrap>", False),
    ],
)
def test_files_are_the_users_or_not(name: str, is_users: bool) -> None:
    assert is_users_file(name) is is_users


def test_the_frames_below_are_forgotten() -> None:
    def notice() -> None:
        raise ConfigurationError("no")

    def method_of_the_api() -> None:
        with SHORT_TRACES:
            notice()

    with pytest.raises(ConfigurationError) as caught:
        method_of_the_api()
    names = [entry.name for entry in caught.traceback]
    assert names == ["test_the_frames_below_are_forgotten"]


def test_a_cause_in_the_users_code_is_kept() -> None:
    error = ConfigurationError("no")
    try:
        int("absent")
    except ValueError as cause:
        error.__cause__ = cause
    shorten_trace(error)
    assert isinstance(error.__cause__, ValueError)


def test_a_cause_without_the_users_code_is_dropped() -> None:
    error = ConfigurationError("no")
    error.__cause__ = ValueError("never raised")
    shorten_trace(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_causes_in_a_circle_end() -> None:
    error, cause = ConfigurationError("no"), ConfigurationError("because")
    error.__cause__, cause.__cause__ = cause, error
    shorten_trace(error)
    assert error.__cause__ is None
