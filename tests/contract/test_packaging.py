"""What pyproject.toml packs is what the tree holds."""

from __future__ import annotations

import tomllib
from typing import Any

from .tree import INSTALLED, ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS: dict[str, Any] = PROJECT["tool"]["setuptools"]


def test_every_package_of_the_tree_is_packed() -> None:
    """Discovery does not follow package-dir, so that a new folder is missing from the wheel until it is named."""
    found = {
        INSTALLED.get(folder, str((file.parent).relative_to(ROOT)).replace("/", "."))
        for folder in ("aksacr", "checks", "fixtures")
        for file in (ROOT / folder).rglob("__init__.py")
    }
    assert SETUPTOOLS["packages"] == sorted(found), "list every folder with an __init__.py, sorted"


def test_folders_at_the_top_install_below_aksacr() -> None:
    """A bare `checks` or `fixtures` in somebody's site-packages would be ours in everybody's way."""
    assert SETUPTOOLS["package-dir"] == {"aksacr": "aksacr", **{name: folder for folder, name in INSTALLED.items()}}


def test_data_files_are_packed() -> None:
    data: dict[str, list[str]] = SETUPTOOLS["package-data"]
    folders = {"aksacr": ROOT / "aksacr", "aksacr.report": ROOT / "aksacr/report", "aksacr.fixtures": ROOT / "fixtures"}
    packed = {
        file.relative_to(ROOT)
        for package, patterns in data.items()
        for pattern in patterns
        for file in folders[package].glob(pattern)
    }
    needed = {
        file.relative_to(ROOT)
        for kind in ("aksacr/**/*.json", "aksacr/**/py.typed", "fixtures/*/world.json", "fixtures/*/expected.json")
        for file in ROOT.glob(kind)
    }
    assert len(needed) > 50
    assert needed <= packed, f"[tool.setuptools.package-data] leaves out {sorted(map(str, needed - packed))}"
