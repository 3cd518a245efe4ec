"""How part files are called: ``<prefix>-<uid>-<number><suffix>``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OutputFileConfig:
    """Begin and end of the names of part files.

    Args:
        part_prefix: What names begin with.
        part_suffix: What they end with, such as ``.csv``.

    Raises:
        ValueError: If one of them holds a slash, or the prefix would hide the files.

    >>> OutputFileConfig.builder().with_part_suffix(".csv").build().get_part_suffix()
    '.csv'
    """

    part_prefix: str = "part"
    part_suffix: str = ""

    def __post_init__(self) -> None:
        for text in (self.part_prefix, self.part_suffix):
            if "/" in text or "\\" in text or "\0" in text:
                raise ValueError(f"Names of part files cannot hold {text!r}; use a BucketAssigner")
        if not self.part_prefix or self.part_prefix.startswith((".", "_")):
            raise ValueError(
                f"Files that begin with {self.part_prefix!r} would be hidden from readers"
            )

    def get_part_prefix(self) -> str:
        """Return what names begin with."""
        return self.part_prefix

    def get_part_suffix(self) -> str:
        """Return what names end with."""
        return self.part_suffix

    @staticmethod
    def builder() -> OutputFileConfig.OutputFileConfigBuilder:
        """Begin with ``part`` and no suffix."""
        return OutputFileConfig.OutputFileConfigBuilder()

    class OutputFileConfigBuilder:
        """Settings of an ``OutputFileConfig``."""

        def __init__(self) -> None:
            self.part_prefix = "part"
            self.part_suffix = ""

        def with_part_prefix(self, prefix: str) -> OutputFileConfig.OutputFileConfigBuilder:
            """Set what names begin with."""
            self.part_prefix = prefix
            return self

        def with_part_suffix(self, suffix: str) -> OutputFileConfig.OutputFileConfigBuilder:
            """Set what names end with."""
            self.part_suffix = suffix
            return self

        def build(self) -> OutputFileConfig:
            """Make the configuration."""
            return OutputFileConfig(self.part_prefix, self.part_suffix)
