"""What the extension module offers; see the modules beside it for what the functions mean."""

from typing import Any

def key_hash(key: object) -> int: ...
def key_groups(keys: list[Any], max_parallelism: int) -> list[int]: ...
def partition(keys: list[Any], max_parallelism: int, parallelism: int) -> list[int]: ...
def scatter(values: list[Any], targets: list[int], count: int) -> list[list[Any]]: ...
def hash_partition(
    keys: list[Any],
    values: list[Any],
    timestamps: list[Any] | None,
    max_parallelism: int,
    parallelism: int,
) -> list[tuple[list[Any], list[Any] | None]]: ...

class ArrowFrame:
    @property
    def rows(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

def column_targets(
    frame: Any,
    positions: list[int],
    max_parallelism: int,
    parallelism: int,
    as_groups: bool,
) -> ArrowFrame: ...
def scatter_rows(
    frame: Any, positions: list[int], max_parallelism: int, parallelism: int
) -> tuple[ArrowFrame, list[int]]: ...
