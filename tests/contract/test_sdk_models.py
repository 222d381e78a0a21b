"""SDK models are read through `.properties`, by names that the model declares.

The flattened attributes of the newer azure-mgmt packages are `Any` to the type checker, and `getattr` with a default
makes a constant of a name that no version has: both pass every check and read nothing.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from typing import TYPE_CHECKING

import pytest

from .tree import Module, below, is_of

if TYPE_CHECKING:
    from collections.abc import Iterator

READS_NO_MODELS = {"aksacr.azure.tls": "its getattr looks into exceptions of aiohttp, of which some have the attribute"}


def decoders() -> list[Module]:
    return [module for module in below("aksacr.azure") if _models_of(module)]


def _models_of(module: Module) -> str:
    """The package whose `models` a module imports, or ""."""
    names = [name for _, name in module.imports() if is_of(name, "azure.mgmt") and name.endswith(".models")]
    return names[0] if names else ""


def test_there_are_decoders() -> None:
    assert {module.name.rpartition(".")[2] for module in decoders()} >= {
        *("managed_cluster", "registries", "network", "private_dns", "compute", "authorization"),
    }


@pytest.mark.parametrize("module", below("aksacr.azure"), ids=lambda module: module.name)
def test_no_attribute_has_a_stand_in(module: Module) -> None:
    wrong = [
        f"{module.path}:{line} {ast.unparse(call)}"
        for line, name, call in module.calls()
        if name == "getattr" and len(call.args) > 2 and module.name not in READS_NO_MODELS
    ]
    lesson = "a misspelt name with a default is a constant, and a check on it passes for ever; read .properties.<name>"
    assert not wrong, f"{lesson}: {wrong}"


@pytest.mark.parametrize("module", decoders(), ids=lambda module: module.name)
def test_attributes_are_declared_by_the_model(module: Module) -> None:
    models = importlib.import_module(_models_of(module))
    read = list(_reads(module))
    wrong = [
        f"{module.path}:{line} {kind}.{attribute}"
        for line, kind, attribute in read
        if attribute not in _declared(getattr(models, kind))
    ]
    assert read, f"{module.path} reads no attribute of a model that it names: the rule guards nothing here"
    assert not wrong, f"flattened or unknown; write .properties.<name>, which the type checker sees: {wrong}"


def _reads(module: Module) -> Iterator[tuple[int, str, str]]:
    """Line, model and attribute of every read from a parameter that is annotated as one model."""
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        kinds = {argument.arg: _model_name(argument.annotation) for argument in function.args.args}
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and kinds.get(node.value.id):
                yield node.lineno, kinds[node.value.id], node.attr


def _model_name(annotation: ast.expr | None) -> str:
    """`VirtualNetwork` for the annotation `models.VirtualNetwork` (or that or None), else ""."""
    words = ast.unparse(annotation).removesuffix(" | None") if annotation else ""
    match = re.fullmatch(r"models\.(\w+)", words)
    return match.group(1) if match else ""


def _declared(model: type) -> set[str]:
    """What a model declares: its annotations and those above it, or what an old-style model sets and maps."""
    mapped: dict[str, object] = getattr(model, "_attribute_map", {})
    annotated = {name for kind in inspect.getmro(model) for name in inspect.get_annotations(kind)}
    return {*annotated, *mapped}
