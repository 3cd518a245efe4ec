"""Records are shown short, without secrets, and never make an error worse."""

import dataclasses
from collections import OrderedDict, UserDict
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Row
from flott.common.redaction import (
    MASK,
    is_secret_key,
    mask_mapping,
    mask_text,
    shorten_record,
)

SECRET = "hunter2"


@dataclasses.dataclass
class Login:
    user: str
    password: str


class Pair(NamedTuple):
    token: str
    count: int


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "db_password", "passwd", "client.secret", "secretKey", "token",
     "access_token", "accessToken", "auth-token", "sasl.jaas.config", "ssl.key.location",
     "ssl.keystore.password", "api_key", "apikey", "x-api-key", "AWS_SECRET_ACCESS_KEY",
     "private_key", "Authorization", "pwd", "credentials"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_key(name)


@pytest.mark.parametrize(
    "name", ["user", "tokenizer", "key", "author", "authority", "compass", "id", "", 7, None]
)
def test_names_of_other_things(name: object) -> None:
    assert not is_secret_key(name)


@pytest.mark.parametrize(
    "record",
    [
        {"user": "ada", "password": SECRET},
        [{"password": SECRET}],
        ({"deep": {"token": SECRET}},),
        OrderedDict(secret=SECRET),
        UserDict(password=SECRET),
        Row(user="ada", password=SECRET),
        Login("ada", SECRET),
        Pair(SECRET, 1),
        {"settings": [Login("ada", SECRET)]},
        f'{{"user": "ada", "password": "{SECRET}"}}',
        f"user=ada;password={SECRET}".encode(),
        f"password: '{SECRET}'",
        f"https://host/?access_token={SECRET}&x=1",
        f"Authorization: Bearer {SECRET}",
        {"raw": f"password={SECRET}"},
        {"escaped": f'{{\\"password\\": \\"{SECRET}\\"}}'},
    ],
    ids=repr,
)
def test_secrets_are_masked_wherever_they_hide(record: object) -> None:
    text = shorten_record(record, 500)
    assert SECRET not in text
    assert MASK in text


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (None, "None"),
        (7, "7"),
        ("a", "'a'"),
        ([1, "a"], "[1, 'a']"),
        ((1,), "(1)"),
        ({1}, "{1}"),
        ({"a": 1}, "{'a': 1}"),
        (Row(a=1, b=None), "Row(a=1, b=None)"),
        (Row(1, 2), "<Row(1, 2)>"),
        (Login("ada", "x"), f"Login(user='ada', password={MASK})"),
        (Pair("x", 2), f"Pair(token={MASK}, count=2)"),
        (Login, repr(Login)),
    ],
    ids=repr,
)
def test_harmless_parts_are_shown_as_they_are(record: object, text: str) -> None:
    assert shorten_record(record) == text


def test_wide_records_are_cut() -> None:
    assert shorten_record(list(range(100)), 500).endswith("19, ...]")
    assert shorten_record(dict.fromkeys(range(100)), 500).endswith(", ...}")


def test_deep_records_are_cut() -> None:
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    assert shorten_record(nested) == "[[[[[[...]]]]]]"


def test_cycles_end() -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    assert shorten_record(cycle).startswith("{'self': {'self': ")


def test_huge_strings_cost_little() -> None:
    assert len(shorten_record({"a": "x" * 10_000_000}, 50)) == 50


def test_a_broken_repr_is_survived() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert shorten_record([Broken()]) == "[<Broken, whose repr raised RuntimeError>]"


def test_a_broken_mapping_is_survived() -> None:
    class Broken(UserDict):  # type: ignore[type-arg]
        def items(self) -> Any:
            raise RuntimeError("no")

    assert "RuntimeError" in shorten_record(Broken(a=1))


def test_unset_dataclass_fields_are_survived() -> None:
    assert "user=<unset>" in shorten_record(object.__new__(Login))


def test_masked_mapping_keeps_other_values() -> None:
    assert mask_mapping({"a": 1, "password": 2}) == {"a": 1, "password": MASK}


def test_text_without_secrets_is_untouched() -> None:
    text = "a=1, tokenizer=word, 'b': \"c\", d:e"
    assert mask_text(text) == text


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=30,
)


@given(json_like, st.integers(0, 300))
def test_any_record_is_described_within_the_limit(record: object, limit: int) -> None:
    assert len(shorten_record(record, limit)) <= max(limit, 3)


@given(st.dictionaries(st.text(max_size=5), json_like, max_size=5), st.text(min_size=1))
def test_a_masked_value_leaves_no_trace(record: dict[str, object], word: str) -> None:
    secret = f"§{word.encode().hex()}§"
    assert secret not in shorten_record({"password": secret, **record}, 10_000)
