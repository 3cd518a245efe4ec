"""Makes a reference page of each public package from its docstrings.

The nav of mkdocs.yml names folders; here each becomes the list of its pages, so that a new page
needs no entry anywhere.
"""

import ast
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PUBLIC = (
    "common",
    "datastream",
    "datastream.functions",
    "datastream.state",
    "datastream.window",
    "datastream.connectors.base",
    "datastream.connectors.collection",
    "datastream.connectors.datagen",
    "datastream.connectors.dynamic_kafka",
    "datastream.connectors.file_system",
    "datastream.connectors.hybrid_source",
    "datastream.connectors.kafka",
    "datastream.connectors.number_seq",
    "datastream.connectors.socket",
    "datastream.formats.avro",
    "datastream.formats.csv",
    "datastream.formats.json",
    "datastream.formats.orc",
    "datastream.formats.parquet",
    "table",
    "table.connectors",
    "cep",
    "ml",
    "graph",
    "metrics",
    "testing",
    "testing.connectors",
)


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Add the generated pages."""
    for package in _public_packages():
        text = _page(package)
        files.append(File.generated(config, f"reference/{package}.md", content=text))
    _list_pages_of_folders(config.nav, files)
    return files


def _public_packages() -> list[str]:
    return [name for name in PUBLIC if _file(name).exists()]


def _file(package: str) -> Path:
    path = ROOT / "src/flott" / package.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _page(package: str) -> str:
    """One heading for each name the package exports, in the order of their definition."""
    lines = [f"# flott.{package}", "", _opening(package), ""]
    names = [name for name in _exported(package) if name not in _exported_above(package)]
    lines += [f"::: flott.{package}.{name}\n" for name in names]
    return "\n".join(lines)


def _exported_above(package: str) -> list[str]:
    """What the package above exports too, and shows."""
    above = package.rpartition(".")[0]
    return _exported(above) if above in PUBLIC else []


def _tree(package: str) -> ast.Module:
    return ast.parse(_file(package).read_text())


def _opening(package: str) -> str:
    """The docstring, its examples fenced."""
    text = ast.get_docstring(_tree(package)) or ""
    return re.sub(r"^>>> (?:.+\n?)+", _fenced, text, flags=re.MULTILINE)


def _fenced(example: re.Match[str]) -> str:
    return f"```python\n{example.group().rstrip()}\n```\n"


def _exported(package: str) -> list[str]:
    for node in _tree(package).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return sorted(ast.literal_eval(node.value))
    return []


def _list_pages_of_folders(nav: list[Any], files: Files) -> None:
    for entry in nav:
        for title, folder in entry.items() if isinstance(entry, dict) else ():
            if isinstance(folder, str) and folder.endswith("/"):
                pages = [
                    f.src_uri for f in files.documentation_pages() if f.src_uri.startswith(folder)
                ]
                entry[title] = sorted(pages, key=lambda page: (not page.endswith("index.md"), page))
