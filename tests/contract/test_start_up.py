"""What needs no Azure starts without its packages: help, the catalogue, and reading pull errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .tree import ROOT

LOADED = """print(*(name for name in sys.modules if name.split(".")[0] in {"azure", "aiohttp"}), file=sys.stderr)"""
COMMAND = f"""
import sys
sys.argv = ["aksacr", *sys.argv[1:]]
from aksacr.cli import main
try:
    main()
except SystemExit as end:
    {LOADED}
    sys.exit(end.code)
"""


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        (("--help",), "checks"),
        (("--version",), "aksacr "),
        (("check", "--help"), "--acr"),
        (("collect", "--help"), "--to"),
        (("checks",), "AKA101"),
        (("checks", "aka322"), "peering"),
        (("checks", "-o", "json"), '"explains"'),
        (("demo", "--list"), "egress_address_not_allowed"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_command_without_azure_imports_none_of_it(words: tuple[str, ...], shows: str) -> None:
    ended = run(COMMAND, *words)
    assert ended.returncode == 0, ended.stderr
    assert shows in ended.stdout
    assert ended.stderr.split() == [], "importing azure packages takes longer than all else: do it in the command"


@pytest.mark.parametrize(
    "package", ["aksacr", "aksacr.pull_errors", "aksacr.catalogue", "aksacr.scenarios", "aksacr.report.build"]
)
def test_a_package_without_azure_imports_none_of_it(package: str) -> None:
    ended = run(f"import sys, {package}\n{LOADED}")
    assert (ended.returncode, ended.stderr.split()) == (0, [])


def test_the_probe_sees_azure_where_it_is() -> None:
    ended = run(f"import sys, aksacr.azure.reading\n{LOADED}")
    assert "azure.core" in ended.stderr.split()
