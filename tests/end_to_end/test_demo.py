"""`aksacr demo`: an installed package, an embedded Azure, no account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from console import run

from aksacr.scenarios import every_scenario

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_name_it_shows_a_fault_its_cause_and_its_fix(tmp_path: Path) -> None:
    ended = run("demo", home=tmp_path)
    assert ended.status == 0
    assert "AKA201" in ended.out
    assert "az acr network-rule add" in ended.out
    assert "exit status 1" in ended.out


def test_the_report_inside_is_what_check_would_give(tmp_path: Path) -> None:
    ended = run("demo", "recorded-service-principal", "-o", "json", home=tmp_path)
    report = json.loads(ended.out)
    assert ended.status == 0
    assert report["verdict"]["exitStatus"] == 1
    assert report["verdict"]["rootCauses"] == ["AKA111", "AKA101"]


def test_the_list_names_every_situation(tmp_path: Path) -> None:
    ended = run("demo", "--list", home=tmp_path)
    assert [line.split()[0] for line in ended.out.splitlines()] == [item.name for item in every_scenario()]


def test_the_users_own_azure_is_left_alone(tmp_path: Path) -> None:
    mine = {
        "AZURE_TENANT_ID": "mine",
        "AZURE_CLIENT_ID": "mine",
        "AZURE_CLIENT_SECRET": "mine",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    assert run("demo", home=tmp_path, environment=mine).status == 0
