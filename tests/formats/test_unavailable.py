from __future__ import annotations

import inspect
from typing import Any

import pytest

from flott.common.errors import UnsupportedFeature
from flott.formats import unavailable

CLASSES = [
    each
    for name, each in vars(unavailable).items()
    if inspect.isclass(each) and name.startswith(("Avro", "Orc", "Generic"))
]


def test_every_name_of_pyflink_is_there() -> None:
    assert len(CLASSES) == 9


@pytest.mark.parametrize("cls", CLASSES)
def test_what_is_not_supported_says_its_name(cls: Any) -> None:
    with pytest.raises(UnsupportedFeature, match=f"{cls.__name__} is not supported"):
        cls("anything")
    for name, method in vars(cls).items():
        if isinstance(method, staticmethod):
            with pytest.raises(UnsupportedFeature, match=rf"{cls.__name__}\.{name} is not supp"):
                getattr(cls, name)("anything")


def test_a_successor_is_named_where_there_is_one() -> None:
    with pytest.raises(UnsupportedFeature, match="Use ParquetBulkWriters instead"):
        unavailable.OrcBulkWriters.for_row_type(None)
