"""Limits and names that user code and engine must agree on."""

from __future__ import annotations

__all__ = ["DEFAULT_OUTPUT_TAG", "MAX_LONG_VALUE", "MIN_LONG_VALUE"]

#: The largest 64-bit integer; as a watermark it says that nothing more will come.
MAX_LONG_VALUE = 0x7FFF_FFFF_FFFF_FFFF

#: The smallest 64-bit integer; the timestamp of a record that has none, and the first watermark.
MIN_LONG_VALUE = -MAX_LONG_VALUE - 1

#: The tag of the main output, where side outputs have names.
DEFAULT_OUTPUT_TAG = ""
