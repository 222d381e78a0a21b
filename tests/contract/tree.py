"""The product's own source, read as text and as syntax trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("aksacr", "checks", "fixtures")
# Where a top-level folder of the repository is installed.
INSTALLED = {"checks": "aksacr.checks", "fixtures": "aksacr.fixtures"}


@dataclass(frozen=True)
class Module:
    """One source file: path below the repository, installed name, syntax tree and lines."""

    path: str
    name: str
    is_package: bool
    tree: ast.Module
    lines: tuple[str, ...]

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of everything imported, wherever in the file; relative names are made absolute."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        kept = parts[: len(parts) - node.level + 1]
        return ".".join([*kept, *([node.module] if node.module else [])])

    def calls(self) -> Iterator[tuple[int, str, ast.Call]]:
        """Line, dotted name (`datetime.now`) and node of every call."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, ast.unparse(node.func), node


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product."""
    files = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    return tuple(_module(file) for file in files)


def below(*packages: str) -> list[Module]:
    """The modules at and below these installed packages; never an empty list."""
    found = [
        module
        for module in modules()
        if any(module.name == package or module.name.startswith(package + ".") for package in packages)
    ]
    assert found, f"there is no module below {', '.join(packages)}: the test that asks for it tests nothing"
    return found


def _module(file: Path) -> Module:
    path = file.relative_to(ROOT)
    is_package = file.name == "__init__.py"
    parts = (path.parent if is_package else path.with_suffix("")).parts
    name = ".".join([INSTALLED.get(parts[0], parts[0]), *parts[1:]])
    text = file.read_text(encoding="utf-8")
    return Module(str(path), name, is_package, ast.parse(text, str(path)), tuple(text.splitlines()))


def is_of(name: str, package: str) -> bool:
    """Whether a full name is a package or something in it."""
    return name == package or name.startswith(package + ".")
