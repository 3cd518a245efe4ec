"""Moments in texts and numbers."""

import pytest

from flott.cli.peeking.texts import (
    EpochField,
    epoch_field,
    sounds_like_time,
    text_type,
    timestamp_standard,
)

NOW_MS = 1_700_000_000_000


@pytest.mark.parametrize(
    ("texts", "standard", "expected"),
    [
        (["2024-02-29 12:34:56"], "SQL", "TIMESTAMP(3)"),
        (["2024-02-29 12:34:56.123456"], "SQL", "TIMESTAMP(6)"),
        (["2024-02-29 12:34:56.1234567"], "SQL", "TIMESTAMP(9)"),
        (["2024-02-29 12:34:56.5Z"], "SQL", "TIMESTAMP_LTZ(3)"),
        (["2024-02-29T12:34:56Z"], "ISO-8601", "TIMESTAMP_LTZ(3)"),
        (["2024-02-29T12:34:56Z"], "SQL", "STRING"),
        (["2024-02-29 12:34:56", "2024-02-29 12:34:56Z"], "SQL", "STRING"),
        (["2024-02-29 12:34:56", "later"], "SQL", "STRING"),
        (["2024-02-29"], "SQL", "DATE"),
        (["12:34:56"], "SQL", "TIME(0)"),
        ([""], "SQL", "STRING"),
    ],
)
def test_type_of_texts(texts: list[str], standard: str, expected: str) -> None:
    assert str(text_type(texts, standard)) == expected


def test_standard_is_that_of_most_timestamps_wherever_they_stand() -> None:
    iso = {"rows": [{"at": "2024-02-29T00:00:00"}, {"at": "2024-02-29T00:00:00Z"}]}
    assert timestamp_standard([iso, "2024-02-29 00:00:00"]) == "ISO-8601"
    assert timestamp_standard([]) == "SQL"


@pytest.mark.parametrize(
    ("name", "numbers", "near_ms", "expected"),
    [
        ("ts", [1_700_000_000], None, EpochField("ts", 1)),
        ("eventTime", [NOW_MS], None, EpochField("eventTime", 1000)),
        ("sent", [NOW_MS * 1000], None, EpochField("sent", 1_000_000)),
        ("at_ns", [NOW_MS * 1_000_000], None, EpochField("at_ns", 1_000_000_000)),
        ("n", [NOW_MS], NOW_MS + 5, EpochField("n", 1000)),
        ("n", [NOW_MS], None, None),
        ("ts", [1, 2, 3], None, None),
        ("ts", [NOW_MS, 5], None, None),
        ("ts", [-NOW_MS], None, None),
        ("ts", [], None, None),
    ],
)
def test_numbers_that_count_since_1970(
    name: str, numbers: list[int], near_ms: int | None, expected: EpochField | None
) -> None:
    assert epoch_field(name, numbers, near_ms) == expected


def test_names_are_looked_at_word_by_word() -> None:
    assert all(map(sounds_like_time, ["created_at", "eventTime", "ts", "updated-at"]))
    assert not any(map(sounds_like_time, ["status", "cats", "overtimes", "data"]))
