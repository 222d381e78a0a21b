"""The house's arrows: `cli → report, diagnosis, catalogue → checks → semantics → facts ← azure`, and never back.

They are read from the source, so that an import in a function or under TYPE_CHECKING counts, too.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass

import pytest

from .tree import Module, below, is_of, modules

STANDARD = frozenset(sys.stdlib_module_names)
KNOWS_THE_SDK = ("aksacr.azure", "aksacr.standin.transport")
PRINTS = ("aksacr.cli", "aksacr.standin.__main__")
CLOCKS = {"now", "utcnow", "today", "fromtimestamp", "time", "time_ns", "monotonic", "perf_counter"}


@dataclass(frozen=True)
class Arrow:
    """A folder, what it may import beside the standard library, and why not more."""

    folder: str
    may_import: tuple[str, ...]
    because: str


ARROWS = (
    Arrow("aksacr.facts", ("aksacr.facts",), "facts are values: whatever they import, every check would depend on"),
    Arrow(
        "aksacr.semantics",
        ("aksacr.semantics", "aksacr.facts", "aksacr.check", "aksacr.misspelling"),
        "Azure's rules are pure functions over facts: they know no SDK, no check and no report",
    ),
    Arrow(
        "aksacr.checks",
        ("aksacr.checks", "aksacr.semantics", "aksacr.facts", "aksacr.check"),
        "a check judges facts: it collects nothing, serves nothing, writes nothing",
    ),
    Arrow("aksacr.check", ("aksacr.facts",), "what a check is, does not depend on what runs or shows it"),
    Arrow("aksacr.runner", ("aksacr.check", "aksacr.facts"), "the runner is given its checks"),
    Arrow(
        "aksacr.report",
        (
            "aksacr.report",
            *(
                "aksacr.check",
                "aksacr.runner",
                "aksacr.diagnosis",
                "aksacr.observed",
                "aksacr.log_safety",
                "aksacr.__version__",
            ),
            *("aksacr.semantics", "aksacr.facts", "msgspec", "rich"),
        ),
        "a report is made from facts and verdicts; renderers are pure functions of it",
    ),
    Arrow(
        "aksacr.pull_errors",
        ("aksacr.pull_errors", "aksacr.log_safety", "aksacr.misspelling", "aksacr.redaction.secrets", "msgspec"),
        "`explain` reads a text: it must start at once and work where no Azure is",
    ),
    Arrow(
        "aksacr.redaction.secrets",
        ("aksacr.redaction", "microsoft_security_utilities_secret_masker"),
        "every room takes secrets out with it, also the one that must start at once",
    ),
    Arrow(
        "aksacr.redaction",
        (
            *("aksacr.redaction", "aksacr.report.model", "aksacr.check", "aksacr.facts", "aksacr.catalogue", "msgspec"),
            "microsoft_security_utilities_secret_masker",
        ),
        "redaction knows the report and what it was made from; nothing of how it is rendered",
    ),
    Arrow("aksacr.fixtures", (), "fixtures are data"),
)


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: arrow.folder)
def test_a_folder_imports_only_what_lies_before_it(arrow: Arrow) -> None:
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in below(arrow.folder)
        for line, name in module.imports()
        if not _is_allowed(name, arrow)
    ]
    assert not wrong, _lesson(wrong, f"{arrow.because}. {arrow.folder} may import {', '.join(arrow.may_import)}")


def _is_allowed(name: str, arrow: Arrow) -> bool:
    return name.partition(".")[0] in STANDARD or any(is_of(name, package) for package in arrow.may_import)


def test_only_the_collection_knows_the_azure_sdk() -> None:
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        if not any(is_of(module.name, package) for package in KNOWS_THE_SDK)
        for line, name in module.imports()
        if is_of(name, "azure")
    ]
    assert not wrong, _lesson(wrong, f"only {' and '.join(KNOWS_THE_SDK)} import azure: elsewhere, read facts")


@pytest.mark.parametrize("package", KNOWS_THE_SDK)
def test_the_places_that_may_know_the_sdk_do(package: str) -> None:
    names = [name for module in below(package) for _, name in module.imports()]
    assert any(is_of(name, "azure") for name in names), f"{package} imports no azure: the rule above guards nothing"


def test_nothing_but_the_catalogue_names_the_folder_of_checks() -> None:
    """A bare `checks` is a second copy of the modules: two classes, two lists."""
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        if module.name != "aksacr.catalogue"
        for line, name in module.imports()
        if is_of(name, "checks") or is_of(name, "fixtures")
    ]
    assert not wrong, _lesson(wrong, "the folder imports as aksacr.checks; `from checks` would load a second copy")


@pytest.mark.parametrize("package", ["aksacr.checks", "aksacr.semantics", "aksacr.facts", "aksacr.report"])
def test_the_moment_is_a_fact(package: str) -> None:
    calls = [
        f"{module.path}:{line} calls {name}()"
        for module in below(package)
        for line, name, _ in module.calls()
        if name.rpartition(".")[2] in CLOCKS
    ]
    imports = [
        f"{module.path}:{line} imports {name}"
        for module in below(package)
        for line, name in module.imports()
        if is_of(name, "time")
    ]
    assert not calls + imports, _lesson(calls + imports, "a snapshot is judged at its own moment: read facts.now")


def test_only_the_command_line_writes_to_stdout() -> None:
    wrong = [
        f"{module.path}:{line} {name}"
        for module in modules()
        if not any(is_of(module.name, package) for package in PRINTS)
        for line, name in _writes(module)
    ]
    assert not wrong, _lesson(wrong, f"stdout holds the result and nothing else; only {' and '.join(PRINTS)} write it")


def _writes(module: Module) -> list[tuple[int, str]]:
    found = [
        (line, f"calls {name}()")
        for line, name, _ in module.calls()
        if name == "print" or name.rpartition(".")[2] in {"echo", "secho"}
    ]
    found += [
        (node.lineno, f"uses {ast.unparse(node)}")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.stdout", "sys.__stdout__"}
    ]
    found += [
        (line, f"imports {name}")
        for line, name in module.imports()
        if name in {"sys.stdout", "rich.console.Console", "rich.print"} and not is_of(module.name, "aksacr.report")
    ]
    return found


def test_no_exception_is_swallowed_in_silence() -> None:
    wrong = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _says_nothing(module, node)
    ]
    lesson = "`except: pass` turns what could not be seen into what is not there: handle it, or say on the line of a"
    assert not wrong, _lesson(wrong, f"{lesson} narrow one why nothing is lost")


def _says_nothing(module: Module, handler: ast.ExceptHandler) -> bool:
    if not all(isinstance(statement, ast.Pass) or _is_constant(statement) for statement in handler.body):
        return False
    is_broad = handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}
    return is_broad or not any("#" in module.lines[statement.lineno - 1] for statement in handler.body)


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _lesson(wrong: list[str], rule: str) -> str:
    return "\n  ".join([rule + ":", *wrong])
