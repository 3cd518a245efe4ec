"""Reads a package's source once and says what can be counted about it.

`make facts` prints the ten points of the style for this project (see `points`).
"""

import ast
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Packages whose functions are held to an assertion each.
ASSERTIVE = ("checkpoint", "progress", "runtime", "state")
#: Packages that users import, whose docstrings carry examples.
PUBLIC = ("cep", "common", "datastream", "graph", "metrics", "ml", "table", "testing")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One imported module, at a line; `deferred` inside a function, `typing` for hints only."""

    target: str
    line: int
    deferred: bool
    typing: bool


@dataclass(frozen=True)
class Module:
    """A source file of the package."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def room(self) -> str:
        """The package below the root that the module belongs to."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self))

    def place(self, node: ast.AST) -> str:
        """The module and line of a node, for messages."""
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


@dataclass(frozen=True)
class Package:
    """All source files below one folder."""

    modules: dict[str, Module]

    @classmethod
    def read(cls, root: Path) -> "Package":
        modules = {}
        for path in sorted(root.rglob("*.py")):
            parts = (root.name, *path.relative_to(root).with_suffix("").parts)
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules[name] = Module(name, path, path.read_text())
        return cls(modules)

    @cached_property
    def functions(self) -> list[tuple[Module, Function]]:
        return [(module, node) for module in self.modules.values() for node in module.functions]

    def own_imports(self, module: Module) -> Iterator[Import]:
        """The imports of modules of this package; `from package import module` names the module."""
        for imported in module.imports:
            if imported.target in self.modules:
                yield imported
            elif (parent := imported.target.rpartition(".")[0]) in self.modules:
                yield Import(parent, imported.line, imported.deferred, imported.typing)

    @cached_property
    def cycles(self) -> list[list[str]]:
        """Groups of modules that import each other while they are loaded."""
        graph = {
            name: {
                i.target
                for i in self.own_imports(module)
                if not i.deferred and not i.typing and i.target != name
            }
            for name, module in self.modules.items()
        }
        return _cycles(graph)


def body_lines(node: Function) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def is_annotated(node: Function) -> bool:
    """Whether the result and all parameters but self and cls have a type."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    every += [star for star in (node.args.vararg, node.args.kwarg) if star]
    return node.returns is not None and all(
        a.annotation or (i == 0 and a.arg in ("self", "cls", "_cls", "mcs"))
        for i, a in enumerate(every)
    )


def _imports(module: Module) -> Iterator[Import]:
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]

    def visit(node: ast.AST, deferred: bool, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, deferred, typing)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, deferred, typing)
        deferred = deferred or isinstance(node, Function | ast.Lambda)
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, deferred, typing or guarded)

    return visit(module.tree, False, False)


def _cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups in which every module reaches every other."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for target in graph[waiting.pop()] - seen:
                seen.add(target)
                waiting.append(target)
        return seen

    reach = {name: reached(name) for name in graph}
    groups = {frozenset(o for o in reach[name] if name in reach[o]) for name in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def points(package: Package, tests: Path) -> list[str]:
    """The ten points of the style, a line each."""
    modules, functions = package.modules.values(), package.functions
    sizes = [m.lines for m in modules]
    bodies = [body_lines(node) for _, node in functions] or [0]
    long = [m for m in modules if m.lines > 30]
    opened = sum(ast.get_docstring(m.tree) is not None for m in long)
    annotated = sum(is_annotated(node) for _, node in functions)
    written = [Module(p.stem, p, p.read_text()) for p in tests.rglob("test_*.py")]
    lengths = [body_lines(f) for m in written for f in m.functions if f.name.startswith("test_")]
    test_lines = sum(p.read_text().count("\n") for p in tests.rglob("*.py"))
    public = [m for m in modules if m.room in PUBLIC]
    examples = sum(m.text.count(">>> ") for m in public)
    public_lines = sum(m.lines for m in public)
    assertive = [m for m in modules if m.room in ASSERTIVE]
    asserts = sum(isinstance(n, ast.Assert) for m in assertive for n in ast.walk(m.tree))
    inside = sum(len(m.functions) for m in assertive)
    exported = [n for m in modules if m.path.name == "__init__.py" for n in _exported(m)]
    sql = sum(p.suffix in (".sql", ".slt", ".test") for p in tests.rglob("*"))
    return [
        f" 1 files up to 400 lines: {_share(s <= 400 for s in sizes)}, longest {max(sizes)}",
        f" 2 functions up to 40 lines: {_share(b <= 40 for b in bodies)}, longest {max(bodies)}",
        f" 3 modules in an import cycle: {sum(map(len, package.cycles))}",
        f" 4 modules over 30 lines that open with their idea: {opened} of {len(long)}",
        f" 5 functions annotated: {annotated} of {len(functions)}",
        f" 6 test lines to source lines: {test_lines / max(1, sum(sizes)):.2f}, "
        f"median test {statistics.median(lengths or [0]):.0f} lines",
        f" 7 examples per 1,000 public lines: {1000 * examples / max(1, public_lines):.1f}",
        f" 8 assertions a function in {', '.join(ASSERTIVE)}: {asserts / max(1, inside):.2f}",
        f" 9 names exported: {len(exported)}",
        f"10 SQL test files: {sql}",
    ]


def _exported(module: Module) -> list[str]:
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def _share(holds: Iterator[bool]) -> str:
    every = list(holds)
    return f"{sum(every) / max(1, len(every)):.1%} of {len(every)}"


if __name__ == "__main__":
    print(*points(Package.read(ROOT / "src/flott"), ROOT / "tests"), sep="\n")
