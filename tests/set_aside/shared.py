"""What pools and networks share: one group, one table, one firewall; and zones of the registry's own name."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from .estate import private, public
from .examination import cluster
from .layers import restrict_storage
from .networks import guard, network, peer, routes, rule
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import HOP, firewall, names

if TYPE_CHECKING:
    from .estate import Estate


def _own_zone(estate: Estate, name: str, apex: str | None) -> None:
    """A zone of that name, linked to the nodes' network, with a record of its apex or none."""
    zone, link = copy.deepcopy(estate.zone), copy.deepcopy(estate.link)
    zone |= {"id": zone["id"].replace("privatelink.azurecr.io", name), "name": name}
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    record = copy.deepcopy(estate.login)
    record |= {"id": f"{zone['id']}/A/@", "name": "@"}
    record["properties"]["fqdn"] = f"{name}."
    estate.put(zone)
    estate.put(link)
    if apex:
        record["properties"]["aRecords"] = [{"ipv4Address": apex}]
        estate.put(record)


@cluster(
    "A zone of the login server's own name answers with the endpoint's address, at its apex",
    "a second zone that answers right",
    "clear",
    AKA304="pass",
    AKA303="pass|not-applicable",
)
def zone_of_the_registry_right(title: str) -> Estate:
    estate = private(HARBOUR, title)
    _own_zone(estate, "harbourimages.privatelink.azurecr.io", estate.in_space("1.5"))
    return estate


@cluster(
    "A zone of the login server's own name answers with an address that nobody has",
    "a zone named after the registry hides its record",
    "blocked",
    "AKA304",
)
def zone_of_the_registry_stale(title: str) -> Estate:
    estate = private(QUARRY, title)
    _own_zone(estate, "quarryregistry.privatelink.azurecr.io", estate.in_space("1.95"))
    return estate


@cluster(
    "A zone of the login server's own name is linked, and is empty",
    "a zone named after the registry hides its record",
    "blocked",
    "AKA304",
)
def zone_of_the_registry_empty(title: str) -> Estate:
    estate = private(ORCHARD, title)
    _own_zone(estate, "orchardacr07.azurecr.io", None)
    return estate


@cluster("The data endpoint's record alone is stale", "a stale record of the data endpoint", "blocked", "AKA303")
def data_record_stale(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.data["properties"]["aRecords"] = [{"ipv4Address": estate.in_space("1.44")}]
    return estate


@cluster(
    "A route drops the data endpoint's address alone",
    "a route that stops layers only",
    "blocked",
    "AKA351",
)
def layers_dropped_by_route(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for name in ("snet-nodes", "snet-apps"):
        routes(estate, estate.subnet(name), (estate.in_space("1.4/32"), "None", ""))
    return estate


@cluster(
    "A rule denies the data endpoint's address alone, for one pool",
    "a rule that stops layers only",
    "blocked",
    "AKA351",
    pools={"AKA351": ("apps",)},
)
def layers_denied_by_rule(title: str) -> Estate:
    estate = private(ORCHARD, title)
    guard(estate, estate.subnet("snet-apps"), rule(200, "Deny", estate.in_space("1.4"), port="443"))
    return estate


@cluster(
    "A service endpoint policy keeps storage away, and layers come from dedicated data endpoints",
    "with data endpoints, layers are not asked of storage",
    "clear",
    AKA351="pass",
)
def storage_policy_beside_data_endpoints(title: str) -> Estate:
    estate = public(QUARRY, title)
    estate.registry["properties"] |= {
        "dataEndpointEnabled": True,
        "dataEndpointHostNames": ["quarryregistry.japaneast.data.azurecr.io"],
    }
    restrict_storage(estate, "snet-nodes", "snet-apps")
    return estate


@cluster(
    "The subscription is not registered for private zones' provider",
    "a provider that is not registered has nothing there",
    "clear",
)
def provider_not_registered(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    body = {
        "error": {
            "code": "MissingSubscriptionRegistration",
            "message": "The subscription is not registered to use namespace 'Microsoft.Network'.",
        }
    }
    zones = f"/subscriptions/{HARBOUR.subscription}/providers/Microsoft.Network/privateDnsZones"
    estate.refuse(zones, status=409, body=body)
    return estate


@cluster(
    "Both pools' subnets share one group, which denies the endpoint",
    "one group for two subnets",
    "blocked",
    "AKA332",
)
def one_group_for_both(title: str) -> Estate:
    estate = private(ORCHARD, title)
    group = guard(estate, estate.subnet("snet-nodes"), rule(300, "Deny", "VirtualNetwork"))
    estate.subnet("snet-apps")["properties"]["networkSecurityGroup"] = {"id": group["id"]}
    return estate


@cluster(
    "Both pools' subnets share one table, which drops the endpoint's addresses",
    "one route table for two subnets",
    "blocked",
    "AKA331",
)
def one_table_for_both(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.subnet("snet-endpoints")["properties"]["privateEndpointNetworkPolicies"] = "Enabled"
    table = routes(estate, estate.subnet("snet-nodes"), (estate.in_space("1.0/28"), "None", ""))
    estate.subnet("snet-apps")["properties"]["routeTable"] = {"id": table["id"]}
    return estate


@cluster(
    "Two halves of the default route lead to a firewall that does not know the registry",
    "0.0.0.0/1 and 128.0.0.0/1 are a default route",
    "blocked",
    "AKA343",
)
def default_route_in_two_halves(title: str) -> Estate:
    estate = public(HARBOUR, title)
    firewall(estate, names("*.docker.io"))
    for name in ("snet-nodes", "snet-apps"):
        halves = [(prefix, "VirtualAppliance", HOP) for prefix in ("0.0.0.0/1", "128.0.0.0/1")]
        routes(estate, estate.subnet(name), *halves)
    return estate


@cluster(
    "The parent of the firewall's policy denies the registry, which the policy itself admits",
    "a parent policy's rules come first",
    "blocked",
    "AKA343",
)
def parent_policy_denies(title: str) -> Estate:
    estate = public(ORCHARD, title)
    firewall(estate, names("*.azurecr.io", "*.blob.core.windows.net"))
    policy = estate.find("Microsoft.Network/firewallPolicies")
    group = estate.find("Microsoft.Network/firewallPolicies/ruleCollectionGroups")
    for body in (policy, group):
        estate.put(json.loads(json.dumps(body).replace("Pol-Hub", "Pol-Company")))
    parent = next(
        body for key, body in estate.resources.items() if key.endswith("/pol-company/rulecollectiongroups/workloads")
    )
    parent["properties"]["ruleCollections"][0]["action"]["type"] = "Deny"
    policy["properties"]["basePolicy"] = {"id": policy["id"].replace("Pol-Hub", "Pol-Company")}
    return estate


def _ip_group(estate: Estate, *addresses: str) -> Any:
    group_id = f"{estate.site.hub_scope}/Microsoft.Network/ipGroups/aks-Nodes"
    properties = {"provisioningState": "Succeeded", "ipAddresses": list(addresses)}
    kind = "Microsoft.Network/ipGroups"
    return estate.put({"id": group_id, "name": "aks-Nodes", "type": kind, "location": "x", "properties": properties})


@cluster(
    "The firewall's rule is for an IP group that holds one pool's range",
    "sources of a rule by an IP group",
    "blocked",
    "AKA343",
    pools={"AKA343": ("apps",)},
)
def ip_group_of_one_pool(title: str) -> Estate:
    estate = public(QUARRY, title)
    group = _ip_group(estate, "192.168.0.0-192.168.0.255", "10.9.9.9")
    entry = names("*.azurecr.io", "*.blob.core.windows.net") | {
        "sourceAddresses": [],
        "sourceIpGroups": [group["id"].upper()],
    }
    firewall(estate, entry)
    return estate


@cluster(
    "The second pool's network may not be read; the first pool's is fine",
    "what may not be read of one pool",
    "undetermined",
    AKA301="unknown",
)
def one_pool_not_readable(title: str) -> Estate:
    estate = private(HARBOUR, title)
    own = network(estate, "vnet-Apps", "10.63.0.0/16", pods="10.63.4.0/24")
    peer(estate, estate.nodes, own)
    estate.put_pool_in("apps", own["properties"]["subnets"][0]["id"])
    estate.refuse(own["id"], below=True)
    return estate
