"""Names: zones, links, records, DNS servers."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

from .estate import private
from .examination import cluster
from .networks import endpoint_in_hub, network, peer
from .sites import HARBOUR, ORCHARD, QUARRY

if TYPE_CHECKING:
    from .estate import Estate


@cluster("The zone is linked to vnet10, and the nodes are in vnet1", "zone not linked", "blocked", "AKA301")
def linked_to_longer_name(title: str) -> Estate:
    estate = private(HARBOUR, title)
    other = network(estate, "vnet10", "10.62.0.0/16", scope=HARBOUR.scope, default="10.62.0.0/24")
    estate.link["properties"]["virtualNetwork"]["id"] = other["id"]
    return estate


@cluster(
    "The zone is linked to the endpoint's network only; peering carries no links",
    "the wrong network is linked",
    "blocked",
    "AKA301",
    AKA321="pass|not-applicable",
)
def linked_to_hub_only(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = endpoint_in_hub(estate)
    peer(estate, estate.nodes, hub)
    estate.link["properties"]["virtualNetwork"]["id"] = hub["id"].upper().replace("/PROVIDERS/", "/providers/")
    return estate


@cluster(
    "One of two pools is in a network of its own, peered and not linked",
    "one pool's network is not linked",
    "blocked",
    "AKA301",
    pools={"AKA301": ("apps",)},
)
def one_pool_not_linked(title: str) -> Estate:
    estate = private(ORCHARD, title)
    own = network(estate, "Orchard.Apps", "172.23.0.0/16", scope=ORCHARD.scope, pods="172.23.4.0/24")
    peer(estate, estate.nodes, own)
    estate.put_pool_in("apps", own["properties"]["subnets"][0]["id"])
    return estate


@cluster(
    "The linked zone lacks the login server's record; the public side, which the name then never reaches, is open",
    "record missing, lookup ends in NXDOMAIN",
    "blocked",
    "AKA302",
)
def record_missing_public_open(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.drop(estate.login)
    estate.open()
    return estate


@cluster(
    "The endpoint was made without the data endpoint's address, and the zone has no record of it",
    "endpoint lacks a member for the data endpoint",
    "blocked",
    "AKA302",
)
def data_member_missing(title: str) -> Estate:
    estate = private(QUARRY, title)
    estate.drop(estate.data)
    estate.interface["properties"]["ipConfigurations"] = estate.interface["properties"]["ipConfigurations"][1:]
    estate.endpoint["properties"]["customDnsConfigs"] = estate.endpoint["properties"]["customDnsConfigs"][1:]
    return estate


@cluster(
    "The registry has a domain-name label, and the record is under its plain name",
    "records are named as the login server's label",
    "blocked",
    "AKA302",
)
def record_under_plain_name(title: str) -> Estate:
    estate = private(ORCHARD, title)
    label = "orchardacr07-d7gpbbg5fmc4fbdj"
    estate.registry["properties"]["loginServer"] = f"{label}.azurecr.io"
    for body in (estate.interface, estate.endpoint):
        text = json.dumps(body).replace("orchardacr07.azurecr.io", f"{label}.azurecr.io")
        estate.put(json.loads(text.replace("orchardacr07.eastus2.data", f"{label}.eastus2.data")))
    return estate


@cluster(
    "The endpoint was recreated with other addresses, and the records kept the old ones",
    "records point at addresses that no endpoint has",
    "blocked",
    "AKA303",
)
def records_of_the_old_endpoint(title: str) -> Estate:
    estate = private(HARBOUR, title)
    for record, address in ((estate.login, "1.45"), (estate.data, "1.44")):
        record["properties"]["aRecords"] = [{"ipv4Address": estate.in_space(address)}]
    return estate


@cluster(
    "The endpoint that the record names is gone; another serves a network elsewhere; the public side is open",
    "record left after its endpoint",
    "blocked",
    "AKA303",
)
def record_left_behind(title: str) -> Estate:
    estate = private(QUARRY, title)
    endpoint_in_hub(estate)
    for record, address in ((estate.login, "1.5"), (estate.data, "1.4")):
        record["properties"]["aRecords"] = [{"ipv4Address": estate.in_space(address)}]
    estate.open()
    return estate


@cluster(
    "Two endpoints share one zone, and the one in a network without a way from here wrote the records last",
    "records of another network's endpoint",
    "blocked",
    "AKA303",
)
def last_writer_wins(title: str) -> Estate:
    estate = private(HARBOUR, title)
    elsewhere = network(estate, "vnet-Lab", "10.77.0.0/16", endpoints="10.77.1.0/24")
    old, new = estate.subnet("snet-endpoints")["id"], elsewhere["properties"]["subnets"][0]["id"]
    copies = [estate.endpoint, estate.interface, estate.registry["properties"]["privateEndpointConnections"][0]]
    for body in copies:
        text = json.dumps(body).replace("acr-endpoint", "acr-lab").replace("ACR-ENDPOINT", "ACR-LAB")
        text = text.replace(old, new).replace(old.lower(), new.lower()).replace("10.61.1.", "10.77.1.")
        made = json.loads(text.replace("59f404576d2643a59fdc2bc43667619f", "0a1b2c3d4e5f40718293a4b5c6d7e8f9"))
        if "privateEndpointConnections" in made["type"]:
            estate.registry["properties"]["privateEndpointConnections"].append(made)
        estate.put(made)
    for record, last in ((estate.login, "5"), (estate.data, "4")):
        record["properties"]["aRecords"] = [{"ipv4Address": f"10.77.1.{last}"}]
    return estate


@cluster(
    "A private zone azurecr.io, made by hand, is linked and has no record of the registry",
    "a private zone hides the public one",
    "blocked",
    "AKA304",
)
def zone_of_the_suffix(title: str) -> Estate:
    estate = private(ORCHARD, title)
    zone = copy.deepcopy(estate.zone)
    zone |= {"id": zone["id"].replace("privatelink.azurecr.io", "azurecr.io"), "name": "azurecr.io"}
    link = copy.deepcopy(estate.link)
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    estate.put(zone)
    estate.put(link)
    return estate


@cluster(
    "The DNS server is in a hub that is not linked; the nodes' own link does not count then",
    "custom DNS servers are judged by the network they sit in",
    "blocked",
    "AKA202",
    AKA305="warn",  # what the servers forward to is not shown; that the closed registry is asked in public is
    AKA301="pass|not-applicable",
)
def dns_server_not_linked(title: str) -> Estate:
    estate = private(QUARRY, title)
    hub = network(estate, "vnet-Hub", "10.90.0.0/16", dns="10.90.4.0/24")
    peer(estate, estate.nodes, hub)
    estate.nodes["properties"]["dhcpOptions"] = {"dnsServers": ["10.90.4.4", "10.90.4.5"]}
    return estate


@cluster("The link's update failed and it is not complete", "link not complete", "blocked", "AKA306")
def link_failed(title: str) -> Estate:
    estate = private(HARBOUR, title)
    estate.link["properties"] |= {"virtualNetworkLinkState": "InProgress", "provisioningState": "Failed"}
    return estate


@cluster(
    "A zone blob.core.windows.net, made by hand, is linked: no storage account of the registry has a name any more",
    "a private zone of storage hides the registry's layers",
    "blocked",
    "AKA351",
    wrong="private zones of storage are not read: AKA351 passes",
)
def zone_of_storage(title: str) -> Estate:
    estate = private(ORCHARD, title)
    zone = copy.deepcopy(estate.zone)
    zone |= {
        "id": zone["id"].replace("privatelink.azurecr.io", "blob.core.windows.net"),
        "name": "blob.core.windows.net",
    }
    link = copy.deepcopy(estate.link)
    link["id"] = f"{zone['id']}/virtualNetworkLinks/{link['name']}"
    estate.drop_endpoint()
    estate.open()
    estate.put(zone)
    estate.put(link)
    return estate
