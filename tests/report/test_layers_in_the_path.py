"""Layers in the pull path: no pass over a way by which the registry itself is not reached."""

from __future__ import annotations

import pytest
from judging import report_of


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("private_endpoint_in_peered_network", "pass"),
        ("peering_blocks_traffic", "not-applicable"),
        ("peering_out_of_sync", "not-applicable"),
        ("private_endpoint_in_unpeered_network", "not-applicable"),
        ("nsg_blocks_dns_server", "not-applicable"),
        ("private_dns_record_stale", "pass"),
        ("route_drops_private_endpoint", "pass"),
    ],
)
def test_layers_pass_by_a_way_that_is_open_only(name: str, status: str) -> None:
    [path] = report_of(name).pull_path
    assert path.hops[-1].status == status
