"""The commands that checks of the way give, run by the real az CLI against the world that they were given for."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest
from judging import report_of, scenario

from aksacr.azure.gather import from_world
from aksacr.catalogue import every_check
from aksacr.check import Status
from aksacr.standin.server import StandIn
from aksacr.standin.transport import WorldTransport

from .test_az_cli_reads_the_stand_in import SignedIn

if TYPE_CHECKING:
    from pathlib import Path

    from aksacr.check import Verdict
    from aksacr.facts import Facts

AZ = os.environ.get("AKSACR_TEST_AZ") or shutil.which("az")
pytestmark = [
    pytest.mark.skipif(AZ is None, reason="no az CLI: set AKSACR_TEST_AZ to its executable, or put az on PATH"),
    pytest.mark.enable_socket,
]


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("private_endpoint_in_unpeered_network", "AKA321", "fail"),
        ("peering_routes_kept_out", "AKA331", "unknown"),
        ("peering_initiated_only", "AKA322", "fail"),
        ("peering_out_of_sync", "AKA323", "fail"),
        ("peering_blocks_traffic", "AKA324", "fail"),
        ("two_hubs_block_forwarded_traffic", "AKA324", "fail"),
        ("route_drops_private_endpoint", "AKA331", "fail"),
        ("nsg_blocks_private_endpoint", "AKA332", "fail"),
        ("nsg_blocks_registry", "AKA342", "fail"),
    ],
)
def test_az_takes_the_commands(name: str, code: str, status: str, tmp_path: Path) -> None:
    [check] = [item for item in report_of(name).checks if item.code == code]
    assert check.status == status
    commands = [shlex.split(command)[1:] for fix in check.fixes for command in fix.commands]
    assert commands
    with StandIn(scenario(name).world()) as azure:
        az = SignedIn(azure, tmp_path)
        for words in commands:
            result = az.run(*words)
            assert result.returncode == 0, f"az {shlex.join(words)}: {result.stderr}"
        facts = asyncio.run(from_world(azure.world, WorldTransport(azure.world), image=None)).facts
    assert _judged(facts, code).status in {Status.PASS, Status.NOT_APPLICABLE}


def _judged(facts: Facts, code: str) -> Verdict:
    [check] = [item for item in every_check() if item.code == code]
    return check.judge(facts)
