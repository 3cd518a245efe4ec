"""When a chain is long enough."""

from __future__ import annotations

import pytest

from flott.checkpoint.compaction_policy import (
    CompactionChoice,
    CompactionPolicy,
    decide_compaction,
)
from tests.checkpoint.memory_storage import handle

POLICY = CompactionPolicy(changes_max=3, changes_ratio_max=1.0, rewrite_bytes_max=1000)


@pytest.mark.parametrize(
    ("lengths", "choice"),
    [
        ([], CompactionChoice.KEEP),
        ([5000], CompactionChoice.KEEP),
        ([100, 50, 50], CompactionChoice.KEEP),
        ([100, 50, 51], CompactionChoice.REWRITE),
        ([100, 1, 1, 1], CompactionChoice.REWRITE),
        ([5000, 1, 1, 1], CompactionChoice.MERGE),
        ([600, 601], CompactionChoice.MERGE),
        ([5000, 1, 1], CompactionChoice.KEEP),
    ],
)
def test_the_choice_follows_number_and_size(lengths: list[int], choice: CompactionChoice) -> None:
    chain = [handle(length=length, full=index == 0) for index, length in enumerate(lengths)]
    assert decide_compaction(chain, POLICY) is choice
