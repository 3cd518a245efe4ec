"""The rules of the house: each takes the package and returns what breaks it, a line each.

What is allowed all the same stands in `exceptions.toml`, with a reason.
"""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.tidy.facts import ROOT, Module, Package, body_lines, is_annotated

Rule = Callable[[Package], Iterator[str]]

EXCEPTIONS: dict[str, dict[str, str]] = tomllib.loads(
    (Path(__file__).parent / "exceptions.toml").read_text()
)

ARCHITECTURE = ROOT / "docs/architecture.md"

#: What each package may import besides itself, common and core; see docs/architecture.md.
MAY_IMPORT: dict[str, set[str]] = {
    "common": set(),
    "kernels": set(),
    "metrics": set(),
    "core": {"metrics"},
    "plan": set(),
    "progress": set(),
    "checkpoint": set(),
    "state": {"kernels"},
    "formats": {"kernels"},
    "io": set(),
    "operators": {"progress", "kernels"},
    "connectors": {"formats", "io", "kernels"},
    "runtime": {"plan", "progress", "checkpoint", "kernels"},
    "deploy": {"runtime", "state", "io", "checkpoint", "plan", "progress", "kernels"},
    "datastream": {"plan", "operators", "connectors", "deploy", "formats"},
    "sql": {"plan", "operators", "connectors", "kernels"},
    "table": {"sql", "datastream", "deploy"},
    "cep": {"datastream", "table", "operators"},
    "ml": {"datastream", "table"},
    "graph": {"datastream", "table"},
    "web": {"table", "deploy", "plan"},
}
#: What any package but common and kernels may import.
FOUNDATION = {"", "common", "core", "metrics"}

#: Packages that decide and leave acting to others.
SANS_IO = ("core", "plan", "progress", "checkpoint", "runtime")
REAL_WORLD = {
    "asyncio", "multiprocessing", "random", "ray", "selectors", "socket", "subprocess", "threading",
    "time",
}  # fmt: skip

#: Calls nobody makes, with what to write in their place, and the packages that may.
BANNED_CALLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "time.sleep": ("wait for the event, or take the Clock that is handed in", ()),
    "print": ("use rich in cli, or logging", ("cli",)),
    "breakpoint": ("remove it", ()),
    "datetime.now": ("take the Clock that is handed in", ("io",)),
    "datetime.datetime.now": ("take the Clock that is handed in", ("io",)),
    "datetime.utcnow": ("take the Clock that is handed in", ()),
    "date.today": ("take the Clock that is handed in", ("io",)),
}


def import_cycle(package: Package) -> Iterator[str]:
    """No module imports itself by way of others."""
    for group in package.cycles:
        yield " -> ".join(group)


def module_without_idea(package: Package) -> Iterator[str]:
    """A module of more than 30 lines opens with a docstring."""
    for module in package.modules.values():
        if module.lines > 30 and ast.get_docstring(module.tree) is None:
            yield f"{module.name} has no docstring"


def long_file(package: Package) -> Iterator[str]:
    """Files over 700 lines are listed; 92% of all have at most 400."""
    for module in package.modules.values():
        if module.lines > 700 and module.name not in EXCEPTIONS["long_file"]:
            yield f"{module.name} has {module.lines} lines"
    sizes = [module.lines for module in package.modules.values()]
    small = sum(size <= 400 for size in sizes)
    if small < 0.92 * len(sizes):
        yield f"only {small} of {len(sizes)} files have at most 400 lines"


def crowded_package(package: Package) -> Iterator[str]:
    """A package of more than 40 modules is divided into packages, or listed."""
    counts = Counter(
        module.name.rpartition(".")[0]
        for module in package.modules.values()
        if module.path.name != "__init__.py"
    )
    for name, count in counts.items():
        if count > 40 and name not in EXCEPTIONS["crowded_package"]:
            yield f"{name} has {count} modules"


def long_function(package: Package) -> Iterator[str]:
    """Functions over 70 lines are listed; 96% of all have at most 40."""
    for module, node in package.functions:
        key = f"{module.name}:{node.name}"
        if body_lines(node) > 70 and key not in EXCEPTIONS["long_function"]:
            yield f"{key} has {body_lines(node)} lines"
    short = sum(body_lines(node) <= 40 for _, node in package.functions)
    if short < 0.96 * len(package.functions):
        yield f"only {short} of {len(package.functions)} functions have at most 40 lines"


def long_function_in_core(package: Package) -> Iterator[str]:
    """`core` holds contracts: at most 25 files, no function over 10 lines."""
    core = [module for module in package.modules.values() if module.room == "core"]
    if len(core) > 25:
        yield f"core has {len(core)} files"
    for module in core:
        for node in module.functions:
            key = f"{module.name}:{node.name}"
            if body_lines(node) > 10 and key not in EXCEPTIONS["long_function_in_core"]:
                yield f"{key} has {body_lines(node)} lines"


def function_without_types(package: Package) -> Iterator[str]:
    """Every function is annotated."""
    for module, node in package.functions:
        key = f"{module.name}:{node.name}"
        if not is_annotated(node) and key not in EXCEPTIONS["function_without_types"]:
            yield f"{module.place(node)} {node.name}"


def banned_call(package: Package) -> Iterator[str]:
    """Calls that hide a clock, block the loop or write to the terminal."""
    for module in package.modules.values():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            instead, rooms = BANNED_CALLS.get(name, ("", (module.room,)))
            if module.room not in rooms and module.name not in EXCEPTIONS["banned_call"]:
                yield f"{module.place(node)} calls {name}: {instead}"


def bare_except(package: Package) -> Iterator[str]:
    """Handlers say what they expect."""
    for module in package.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                yield f"{module.place(node)} has a bare except"


def module_level_mutable(package: Package) -> Iterator[str]:
    """A list, dict or set at module level is a table in capitals that nobody changes."""
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    for module in package.modules.values():
        for node in module.tree.body:
            if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(
                node.value, mutable
            ):
                continue
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = ast.unparse(target)
            if not re.fullmatch(r"_*[A-Z][A-Z0-9_]*|__\w+__", name):
                yield f"{module.place(node)} {name} is mutable"


def mark_of_unfinished_work(package: Package) -> Iterator[str]:
    """What is left to do is written elsewhere than in the source."""
    for module in package.modules.values():
        for number, line in enumerate(module.text.splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                yield f"{module.name}:{number} {line.strip()}"


def import_against_the_layers(package: Package) -> Iterator[str]:
    """A package imports only what the architecture lets it."""
    for module in package.modules.values():
        allowed = MAY_IMPORT.get(module.room)
        if allowed is None:
            continue
        if module.room not in ("common", "kernels"):
            allowed = allowed | FOUNDATION
        for imported in package.own_imports(module):
            room = package.modules[imported.target].room
            if room != module.room and room not in allowed and room and not imported.typing:
                yield f"{module.name}:{imported.line} imports {imported.target}"


def deciding_with_effects(package: Package) -> Iterator[str]:
    """Packages that decide import neither clock nor network, not even late."""
    for module in package.modules.values():
        for imported in module.imports:
            top = imported.target.split(".")[0]
            if module.room in SANS_IO and top in REAL_WORLD and not imported.typing:
                yield f"{module.name}:{imported.line} imports {top}"


def module_nobody_imports(package: Package) -> Iterator[str]:
    """Every module is imported by another one, named in a table, or listed as a way in."""
    imported = {
        imported.target
        for module in package.modules.values()
        for imported in package.own_imports(module)
        if module.name != imported.target
    }
    imported |= {name for module in package.modules.values() for name in _named_late(module)}
    for module in package.modules.values():
        if (
            module.path.name not in ("__init__.py", "__main__.py")
            and module.name not in imported
            and not module.name.startswith(tuple(EXCEPTIONS["module_nobody_imports"]))
        ):
            yield f"{module.name} is imported by nothing"


def _named_late(module: Module) -> Iterator[str]:
    """Modules in texts `flott.package.module:Name`, which registries import when asked for."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.fullmatch(r"(flott(?:\.\w+)+):\w+", node.value)
            if found is not None:
                yield found[1]


def package_without_a_line(package: Package, page: Path = ARCHITECTURE) -> Iterator[str]:
    """docs/architecture.md gives each package a line."""
    text = page.read_text()
    for room in sorted({m.room for m in package.modules.values() if _is_package(m)}):
        if not re.search(rf"^\| `{room}` ", text, re.MULTILINE):
            yield f"flott.{room} has no line in {page.name}"


def _is_package(module: Module) -> bool:
    return module.name.count(".") == 1 and module.path.name == "__init__.py"


RULES: tuple[Rule, ...] = (
    import_cycle,
    module_without_idea,
    long_file,
    crowded_package,
    long_function,
    long_function_in_core,
    function_without_types,
    banned_call,
    bare_except,
    module_level_mutable,
    mark_of_unfinished_work,
    import_against_the_layers,
    deciding_with_effects,
    module_nobody_imports,
    package_without_a_line,
)
