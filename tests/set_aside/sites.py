"""Companies whose clusters are examined: names, addresses and regions that no fixture uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """What one company calls its things. `space` is the first two numbers of its nodes' network."""

    subscription: str
    hub_subscription: str
    group: str
    node_group: str
    cluster: str
    network: str
    registry: str
    region: str
    registry_region: str
    space: str
    address: str

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}/providers"

    @property
    def hub_scope(self) -> str:
        return f"/subscriptions/{self.hub_subscription}/resourceGroups/Rg-Connectivity/providers"


HARBOUR = Site(
    subscription="6d1f0a52-77aa-4c1e-9b0e-2f60a1c3d411",
    hub_subscription="f3b2c9d8-0e41-4f7a-8a5d-1190ab7e2c02",
    group="Rg-Harbour",
    node_group="MC_Rg-Harbour_harbour-aks_swedencentral",
    cluster="harbour-aks",
    network="vnet1",
    registry="harbourimages",
    region="swedencentral",
    registry_region="swedencentral",
    space="10.61",
    address="20.91.140.17",
)
ORCHARD = Site(
    subscription="a90c7e13-5b2d-4d08-8c11-7be0d4f95a33",
    hub_subscription="a90c7e13-5b2d-4d08-8c11-7be0d4f95a33",
    group="orchard_PLATFORM",
    node_group="orchard_PLATFORM-nodes",
    cluster="Orchard.Prod",
    network="Orchard.Net",
    registry="OrchardAcr07",
    region="brazilsouth",
    registry_region="eastus2",
    space="172.22",
    address="191.235.90.4",
)
QUARRY = Site(
    subscription="19e5b6c4-3d70-49f2-a6cd-e5f8820b7744",
    hub_subscription="c27d41fa-b860-4b35-95ee-03a6d17cf855",
    group="quarry-rg",
    node_group="mc_quarry-rg_quarry_japaneast",
    cluster="quarry",
    network="quarry-spoke",
    registry="quarryregistry",
    region="japaneast",
    registry_region="japaneast",
    space="192.168",
    address="52.253.101.88",
)
