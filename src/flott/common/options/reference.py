"""Writes the reference page of all options from their tables.

Run ``python -m flott.common.options.reference > docs/reference/configuration.md`` after a change; a
test compares the page with the tables.
"""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType
from flott.common.option_values import format_value
from flott.common.options import GROUPS
from flott.common.options.deployment import FAMILIES

__all__ = ["render_markdown"]

_INTRODUCTION = """\
# Configuration

Options are set in a file, on the command line (`flott run -D key=value`), in code
(`Configuration`, `env.configure`), or by the methods that stand for them. Keys are Flink's wherever
Flink has one; Flott's own begin with `flott.`.

- Durations are written `200 ms`, `1 s`, `10 min`, `1 h`, `7 d`; a bare number means milliseconds.
- Memory sizes are written `512 kb`, `64 mb`, `1 gb`; a bare number means bytes.
- Lists are written `a;b;c` or `[a, b, c]`, maps `key:value,key:value`.

An unknown key is an error that names the nearest key. Parameters of your own belong into
`pipeline.global-job-parameters`. Former keys work and are listed below the present one.

This page is generated from the tables in `flott.common.options`.
"""


def render_markdown() -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION]
    for title, table in GROUPS.items():
        working = [option for option in table if not option.no_effect]
        idle = [option for option in table if option.no_effect]
        parts.append(f"## {title}\n")
        if working:
            parts.append(_render_working(working))
        if idle:
            parts.append("Accepted without effect, with a note:\n")
            parts.append(_render_idle(idle))
    parts.append("## Families accepted without effect\n")
    parts.append(_render_families())
    return "\n".join(parts)


def _render_working(options: list[ConfigOption[Any]]) -> str:
    lines = ["| key | default | type | meaning |", "|---|---|---|---|"]
    for option in options:
        meaning = _cell(option.description)
        lines.append(f"| {_keys(option)} | {_default(option)} | {_kind(option)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _render_idle(options: list[ConfigOption[Any]]) -> str:
    lines = ["| key | default | meaning | why it does nothing here |", "|---|---|---|---|"]
    for option in options:
        lines.append(
            f"| {_keys(option)} | {_default(option)} | {_cell(option.description)} "
            f"| {_cell(_sentence(option.no_effect))} |"
        )
    return "\n".join(lines) + "\n"


def _render_families() -> str:
    lines = ["| keys | about | why they do nothing here |", "|---|---|---|"]
    for family in FAMILIES:
        if family.no_effect:
            about, why = _cell(family.description), _cell(_sentence(family.no_effect))
            lines.append(f"| `{family.prefix}*` | {about} | {why} |")
    return "\n".join(lines) + "\n"


def _keys(option: ConfigOption[Any]) -> str:
    others = [f"`{key}`" for key in (*option.fallback_keys, *option.deprecated_keys)]
    former = f"<br>formerly {', '.join(others)}" if others else ""
    return f"`{option.key}`{former}"


def _default(option: ConfigOption[Any]) -> str:
    return "none" if option.default is None else f"`{format_value(option.default)}`"


def _kind(option: ConfigOption[Any]) -> str:
    if option.option_type is not OptionType.ENUM:
        return str(option.option_type.value)
    assert option.choices is not None, "the option's constructor has read its default"
    words = option.choices if isinstance(option.choices, tuple) else option.choices.__members__
    return ", ".join(f"`{word}`" for word in words)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    import sys

    sys.stdout.write(render_markdown())
