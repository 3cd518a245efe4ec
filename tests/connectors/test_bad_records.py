from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError, MalformedRecordError
from flott.connectors.bad_records import BadRecords, OnError, derive_error
from flott.core.source import RejectedRecord
from tests.connectors.fakes import FakeContext

BAD = RejectedRecord("a.csv", 12, 3, "expected 2 columns, found 1", b"x")


def treat(choice: OnError | None, option: str | None = None) -> tuple[BadRecords, FakeContext]:
    settings = {} if option is None else {"flott.source.on-error": option}
    context = FakeContext(configuration=settings)
    return BadRecords(context, choice), context


def count(context: FakeContext) -> int:
    return context.metrics.counter("numRecordsInErrors").get_count()


def test_by_default_the_job_fails() -> None:
    bad_records, context = treat(None)
    with pytest.raises(MalformedRecordError, match="expected 2 columns"):
        bad_records.handle([BAD, BAD])
    assert count(context) == 0


def test_skipped_records_are_counted_and_gone() -> None:
    bad_records, context = treat(None, "skip")
    assert list(bad_records.handle([BAD, BAD])) == []
    assert count(context) == 2


def test_dead_letters_are_counted_and_passed_on() -> None:
    bad_records, context = treat(OnError.DEAD_LETTER)
    assert list(bad_records.handle([BAD])) == [BAD]
    assert count(context) == 1


def test_what_the_source_says_goes_before_the_option() -> None:
    assert treat(OnError.SKIP, "fail")[0].choice is OnError.SKIP


def test_line_numbers_are_wanted_only_where_they_are_shown() -> None:
    assert [treat(choice)[0].needs_lines for choice in OnError] == [True, False, True]


def test_choices_by_word() -> None:
    assert [OnError.parse(word) for word in ("fail", "skip", "dead-letter")] == list(OnError)
    assert OnError.parse(OnError.SKIP) is OnError.SKIP
    with pytest.raises(ConfigurationError, match="cannot be 'drop'") as caught:
        OnError.parse("drop")
    assert caught.value.key == "flott.source.on-error"


def test_the_error_says_where_and_what() -> None:
    assert str(derive_error(BAD)) == "a.csv, line 3, position 12: expected 2 columns, found 1: x"


def test_the_record_is_shortened_and_its_secrets_masked() -> None:
    raw = b'{"password": "enigma"} ' + b"x" * 1000
    text = str(derive_error(RejectedRecord("a", 0, None, "bad", raw)))
    assert "enigma" not in text
    assert text.endswith("xxx...")
    assert len(text) < 300


def test_bytes_that_are_no_text_can_be_shown() -> None:
    assert "\ufffd" in str(derive_error(RejectedRecord("a", 0, 1, "bad", b"\xff")))
