"""DNS servers that a scale set gives its network interfaces come before those of the network."""

from __future__ import annotations

from typing import Any

import pytest
from azure.mgmt.compute.models import VirtualMachineScaleSet

from aksacr.azure.compute import decode_scale_set
from aksacr.catalogue import every_check
from aksacr.check import Status, Verdict
from aksacr.facts import Seen
from aksacr.runner import run

from .building import facts, link, records, registry, resource, with_endpoint, zone_id, zones


def scale_set(*servers: str) -> dict[str, Any]:
    settings = {"dnsServers": list(servers)} if servers else None
    interface: dict[str, Any] = {
        "name": "nic",
        "properties": {"primary": True, "ipConfigurations": [], "dnsSettings": settings},
    }
    profile = {"networkProfile": {"networkInterfaceConfigurations": [interface]}}
    return {
        "id": resource("Microsoft.Compute/virtualMachineScaleSets", "aks-pool1-7-vmss").text,
        "name": "aks-pool1-7-vmss",
        "tags": {"aks-managed-poolName": "pool1"},
        "properties": {"virtualMachineProfile": profile},
    }


def judged(*servers: str, **changes: Any) -> Verdict:
    made: dict[str, Any] = {
        "registry": with_endpoint(),
        "zones": zones(zone_id()),
        "zone_links": {zone_id(): Seen((link(),))},
        "zone_records": {zone_id(): records(shopacr="10.1.0.9")},
        "machines": Seen((decode_scale_set(VirtualMachineScaleSet(scale_set(*servers))),)),
    }
    [item] = run(facts(**{**made, **changes}), [check for check in every_check() if check.code == "AKA305"])
    return item.verdict


@pytest.mark.parametrize(
    ("servers", "status"),
    [
        ((), Status.PASS),
        (("168.63.129.16",), Status.PASS),
        (("10.3.3.3",), Status.UNKNOWN),
        (("168.63.129.16", "10.3.3.3"), Status.UNKNOWN),
    ],
)
def test_they_decide_what_nodes_ask(servers: tuple[str, ...], status: Status) -> None:
    verdict = judged(*servers)
    assert verdict.status is status
    assert ("10.3.3.3" in verdict.message) is (status is Status.UNKNOWN)


def test_without_a_private_endpoint_the_name_is_public_for_every_server() -> None:
    assert judged("10.3.3.3", registry=registry()).status is Status.NOT_APPLICABLE
