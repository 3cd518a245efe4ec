"""Makes a reference page of each public package from its docstrings.

The nav of mkdocs.yml names folders; here each becomes the list of its pages, so that a new page
needs no entry anywhere.
"""

import ast
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PUBLIC = ("common", "datastream", "table", "cep", "ml", "graph", "metrics", "testing")


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Add the generated pages."""
    for package in _public_packages():
        text = _page(package)
        files.append(File.generated(config, f"reference/{package}.md", content=text))
    _list_pages_of_folders(config.nav, files)
    return files


def _public_packages() -> list[str]:
    return [name for name in PUBLIC if (ROOT / "src/flott" / name / "__init__.py").exists()]


def _page(package: str) -> str:
    """One heading for each name the package exports, in the order of their definition."""
    lines = [f"# flott.{package}", "", _opening(package), ""]
    lines += [f"::: flott.{package}.{name}\n" for name in _exported(package)]
    return "\n".join(lines)


def _tree(package: str) -> ast.Module:
    return ast.parse((ROOT / "src/flott" / package / "__init__.py").read_text())


def _opening(package: str) -> str:
    return ast.get_docstring(_tree(package)) or ""


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
