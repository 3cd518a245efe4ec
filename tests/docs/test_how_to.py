"""What the how-to pages quote stands in the programs that they name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in sorted((ROOT / "docs" / "how-to").glob("*.md"))
    if re.search(r"^Programs?: ", page.read_text(), re.MULTILINE)
]


def squeeze(text: str) -> str:
    """The text without what depends on where it stands: indentation and ends of lines."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_quotations_stand_in_the_programs(page: Path) -> None:
    text = page.read_text()
    programs = re.findall(r"`(examples/[\w/]+\.py)`", text)
    code = "\n".join(squeeze((ROOT / name).read_text()) for name in programs)
    for quotation in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        assert squeeze(quotation) in code, quotation


def test_every_example_has_a_page() -> None:
    named = "".join(page.read_text() for page in (ROOT / "docs" / "how-to").glob("*.md"))
    for program in (ROOT / "examples").glob("*/main.py"):
        assert f"examples/{program.parent.name}" in named, program
