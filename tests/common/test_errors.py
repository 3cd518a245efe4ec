"""Errors carry what is needed to find the culprit, and survive the way between processes."""

import copy
import pickle

import pytest

from flott.common import errors
from flott.common.errors import (
    ConfigurationError,
    DamagedCheckpointError,
    DuplicateUidError,
    FlottError,
    JobExecutionError,
    MalformedRecordError,
    ProgramError,
    TypeMismatchError,
    UnknownOptionError,
    UnsupportedFeature,
)

SAMPLES = [
    ConfigurationError("no", key="a.b"),
    UnknownOptionError("a.c", nearest="a.b"),
    UnsupportedFeature("add_sink", successor="sink_to"),
    TypeMismatchError("Long", "str 'x'", "field 'id'", "must be a number"),
    DuplicateUidError("u", "Map", "Filter"),
    DamagedCheckpointError("/chk-3/state", "wrong checksum"),
    MalformedRecordError("bad", file="a.csv", line=3, position=17, record="x,y"),
    JobExecutionError("boom", operator="Map", subtask=(0, 2), record="1", position="a.csv, line 3"),
    *[getattr(errors, name)("text") for name in ("StateAccessError", "UnpicklableError",
      "CheckpointError", "RestoreError", "SourceError", "SinkError", "JobCancelledError")],
]  # fmt: skip


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_pickling_keeps_text_and_fields(error: FlottError) -> None:
    error.add_note("a note")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_every_exported_error_is_in_the_tree_and_in_its_picture() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), FlottError)
        assert f" {name}" in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ConfigurationError("x"), ValueError),
        (UnsupportedFeature("x"), NotImplementedError),
        (ProgramError("x"), ValueError),
        (TypeMismatchError("Long", "str"), TypeError),
        (MalformedRecordError("x"), ValueError),
    ],
)
def test_builtin_handlers_catch_ours(error: FlottError, builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise error


def test_unknown_option_without_neighbour_points_to_job_parameters() -> None:
    assert "pipeline.global-job-parameters" in str(UnknownOptionError("mine"))


def test_unsupported_feature_gives_reason_and_successor() -> None:
    error = UnsupportedFeature("A", reason="It is gone.", successor="B")
    assert str(error) == "A is not supported. It is gone. Use B instead."


def test_type_mismatch_without_path_speaks_of_the_value() -> None:
    assert str(TypeMismatchError("Long", "str 'x'")) == "value: declared as Long, found str 'x'"


def test_type_mismatch_shows_reason() -> None:
    assert str(TypeMismatchError("Byte", "int 300", reason="too large")).endswith("(too large)")


def test_path_grows_from_the_inside() -> None:
    error = TypeMismatchError("Long", "str").within("[2]").within("field 1").within("field 'a'")
    assert error.path == "field 'a'.1[2]"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MalformedRecordError("bad"), "bad"),
        (MalformedRecordError("bad", file="a"), "a: bad"),
        (MalformedRecordError("bad", line=3), "line 3: bad"),
        (MalformedRecordError("bad", file="t", position=9, record="r"), "t, position 9: bad: r"),
    ],
)
def test_malformed_record_says_where(error: MalformedRecordError, text: str) -> None:
    assert str(error) == text


def test_job_error_shows_the_users_traceback_first() -> None:
    error = JobExecutionError(
        "ValueError: boom",
        job_name="orders",
        operator="Parse",
        subtask=(1, 4),
        location="job.py:9",
        record="'x'",
        position="orders.csv, line 7",
        user_traceback='  File "job.py", line 3, in parse\n',
        engine_traceback="  engine frames",
    )
    assert str(error).splitlines() == [
        '  File "job.py", line 3, in parse',
        "ValueError: boom",
        "  in operator: Parse (subtask 2 of 4), made at job.py:9",
        "  on record: 'x'",
        "  read from: orders.csv, line 7",
        "  engine frames",
    ]


def test_job_error_leaves_out_what_is_unknown() -> None:
    assert str(JobExecutionError("boom")) == "boom"
