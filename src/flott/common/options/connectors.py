"""Options of the connectors that come with Flott."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.memory_size import MemorySize

FILE_FETCH_SIZE: ConfigOption[MemorySize] = ConfigOption(
    "source.file.stream.io-fetch-size",
    OptionType.MEMORY_SIZE,
    "512 kb",
    "How many bytes of a text file a file source reads and decodes at once.",
    least=1,
)

TABLE: tuple[ConfigOption[Any], ...] = (FILE_FETCH_SIZE,)
