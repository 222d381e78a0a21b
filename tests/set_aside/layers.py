"""Layers: data endpoints and storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estate import public
from .examination import cluster
from .networks import guard, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names

if TYPE_CHECKING:
    from .estate import Estate


@cluster(
    "The firewall admits the registry's names, and not the storage its layers are in",
    "storage behind a firewall",
    "blocked",
    "AKA351",
    AKA343="pass",
)
def firewall_without_storage(title: str) -> Estate:
    estate = public(HARBOUR, title)
    firewall(estate, names("*.azurecr.io"))
    return estate


@cluster(
    "Dedicated data endpoints were enabled, and the firewall still names the login server and storage",
    "data endpoint behind a firewall",
    "blocked",
    "AKA351",
    AKA343="pass",
)
def firewall_without_data_endpoint(title: str) -> Estate:
    estate = public(QUARRY, title)
    estate.registry["properties"] |= {
        "dataEndpointEnabled": True,
        "dataEndpointHostNames": ["quarryregistry.japaneast.data.azurecr.io"],
    }
    firewall(estate, names("quarryregistry.azurecr.io", "*.blob.core.windows.net"))
    return estate


@cluster(
    "The nodes are beside a replica whose data endpoint the firewall does not know",
    "data endpoint of the nearest replica behind a firewall",
    "blocked",
    "AKA351",
    AKA343="pass",
)
def firewall_without_replica(title: str) -> Estate:
    estate = public(ORCHARD, title)
    estate.replicate("brazilsouth")
    estate.registry["properties"] |= {
        "dataEndpointEnabled": True,
        "dataEndpointHostNames": [
            "orchardacr07.eastus2.data.azurecr.io",
            "orchardacr07.brazilsouth.data.azurecr.io",
        ],
    }
    firewall(estate, names("orchardacr07.azurecr.io", "orchardacr07.eastus2.data.azurecr.io"))
    return estate


@cluster(
    "A service endpoint policy of the second pool's subnet names the company's own accounts",
    "storage kept from a pool by a service endpoint policy",
    "blocked",
    "AKA351",
    pools={"AKA351": ("apps",)},
)
def storage_policy_of_one_pool(title: str) -> Estate:
    estate = public(HARBOUR, title)
    restrict_storage(estate, "snet-apps")
    return estate


def restrict_storage(estate: Estate, *subnets: str) -> None:
    policy_id = f"{estate.site.scope}/Microsoft.Network/serviceEndpointPolicies/own-accounts"
    policy = {
        "id": policy_id,
        "name": "own-accounts",
        "type": "Microsoft.Network/serviceEndpointPolicies",
        "location": estate.site.region,
        "properties": {
            "provisioningState": "Succeeded",
            "serviceEndpointPolicyDefinitions": [
                {
                    "id": f"{policy_id}/serviceEndpointPolicyDefinitions/own",
                    "name": "own",
                    "properties": {
                        "service": "Microsoft.Storage",
                        "serviceResources": [f"/subscriptions/{estate.site.subscription}"],
                        "provisioningState": "Succeeded",
                    },
                }
            ],
        },
    }
    estate.put(policy)
    for name in subnets:
        properties = estate.subnet(name)["properties"]
        properties["serviceEndpoints"] = [
            {"provisioningState": "Succeeded", "service": "Microsoft.Storage", "locations": [estate.site.region]}
        ]
        properties["serviceEndpointPolicies"] = [{"id": policy_id}]


@cluster(
    "The second pool's group allows registry and Front Door, and no storage",
    "storage denied by a security rule, for one pool",
    "blocked",
    "AKA351",
    pools={"AKA351": ("apps",)},
    AKA342="pass",
)
def storage_denied_for_one_pool(title: str) -> Estate:
    estate = public(QUARRY, title)
    guard(
        estate,
        estate.subnet("snet-apps"),
        rule(100, "Allow", "AzureContainerRegistry", port="443", protocol="Tcp"),
        rule(110, "Allow", "AzureFrontDoor.FirstParty", port="443", protocol="Tcp"),
        rule(120, "Deny", "INTERNET"),
    )
    return estate
