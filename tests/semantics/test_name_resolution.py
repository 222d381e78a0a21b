"""What the registry's name resolves to for a pool: links, records, policies, and servers of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.facts import CloudNames, Seen, UnseenError, VirtualNetwork
from aksacr.semantics.dns_servers import AZURE_DNS
from aksacr.semantics.name_resolution import Resolution, relative_name, resolve

from .building import (
    REFUSED,
    SUBSCRIPTION,
    connection,
    endpoint_id,
    facts,
    link,
    network_id,
    networks,
    peering,
    records,
    registry,
    vnet,
    with_endpoint,
    zone_id,
    zones,
)
from .zoning import NXDOMAIN, PRIVATE, PUBLIC, told, zoned

HUB_PREFIX = ("10.100.0.0/16",)
ON_PREMISES = "192.168.7.53"
IN_HUB = "10.100.0.4"
IN_VNET = "10.1.0.4"
OTHER = zone_id("other")


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ((), PUBLIC),
        ((link(),), PRIVATE),
        ((link("vnet2"),), PUBLIC),
        ((link("vnet10"),), PUBLIC),
        ((link("vnet"),), PUBLIC),
        ((link("VNET1"),), PRIVATE),
        ((link(state="COMPLETED"),), PRIVATE),
        ((link(state=""),), PRIVATE),
        ((link(state="InProgress"),), PUBLIC),
        ((link(state="Failed"),), PUBLIC),
        ((link("vnet2"), link()), PRIVATE),
        ((link(state="InProgress"), link("vnet2")), PUBLIC),
    ],
)
def test_links(links: tuple[Any, ...], expected: tuple[str, tuple[str, ...]]) -> None:
    assert told(zoned(*links)) == expected


@pytest.mark.parametrize(
    ("found", "policy", "expected"),
    [
        (records(shopacr="10.1.0.9"), "Default", PRIVATE),
        (records(SHOPACR="10.1.0.9"), "Default", PRIVATE),
        (records(**{"*": "10.1.0.9"}), "Default", PRIVATE),
        (records(**{"*": "10.1.0.8", "shopacr": "10.1.0.9"}), "Default", PRIVATE),
        (records(shopacr2="10.1.0.9"), "Default", NXDOMAIN),
        (records(**{"shopacr.westeurope.data": "10.1.0.9"}), "Default", NXDOMAIN),
        (records(**{"@": "10.1.0.9"}), "Default", NXDOMAIN),
        (records(), "Default", NXDOMAIN),
        (records(), "", NXDOMAIN),
        (records(), "NxDomainRedirect", PUBLIC),
        (records(), "nxdomainredirect", PUBLIC),
        (records(shopacr="10.1.0.9"), "NxDomainRedirect", PRIVATE),
    ],
)
def test_records_and_policies(found: Any, policy: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert told(zoned(link(policy=policy), found=found)) == expected


def test_a_registry_without_endpoint_is_public_whatever_is_linked() -> None:
    """Its public name is no alias into the zone, so that a linked empty zone does no harm."""
    assert told(zoned(link(), found=records(), registry=registry())) == PUBLIC
    assert told(zoned(link(), registry=registry(), zones={SUBSCRIPTION: REFUSED})) == PUBLIC
    assert told(zoned(registry=registry()), vnet(dns_servers=(ON_PREMISES,))) == PUBLIC


def test_data_endpoints_have_names_of_their_own() -> None:
    both = records(**{"shopacr": "10.1.0.9", "shopacr.westeurope.data": "10.1.0.10"})
    name = "shopacr.westeurope.data.azurecr.io"
    assert told(zoned(link(), found=both), name=name) == ("private", ("10.1.0.10",))
    assert told(zoned(link()), name=name) == NXDOMAIN


@pytest.mark.parametrize(
    ("name", "suffix", "record"),
    [
        ("shopacr.azurecr.io", "azurecr.io", "shopacr"),
        ("ShopAcr.AZURECR.IO.", "azurecr.io", "shopacr"),
        ("shop-a1b2.azurecr.io", "azurecr.io", "shop-a1b2"),
        ("shopacr.westeurope.data.azurecr.io", "azurecr.io", "shopacr.westeurope.data"),
        ("shopacr.azurecr.cn", "azurecr.cn", "shopacr"),
        ("azurecr.io.azurecr.io", "azurecr.io", "azurecr.io"),
    ],
)
def test_the_name_of_a_record(name: str, suffix: str, record: str) -> None:
    assert relative_name(facts(cloud=CloudNames("Some", suffix)), name) == record


def test_another_clouds_zone_does_not_answer() -> None:
    """`privatelink.azurecr.io` in China is a zone that nobody asks."""
    china = CloudNames("AzureChinaCloud", "azurecr.cn")
    there = with_endpoint(login_server="shopacr.azurecr.cn")
    assert told(zoned(link(), cloud=china, registry=there)) == PUBLIC
    right = zone_id(name="privatelink.azurecr.cn")
    tables: dict[str, Any] = {
        "zones": zones(right, zone_id()),
        "zone_links": {right: Seen((link(zone=right),)), zone_id(): Seen(())},
        "zone_records": {right: records(shopacr="10.1.0.9")},
    }
    assert told(zoned(cloud=china, registry=there, **tables)) == PRIVATE


@pytest.mark.parametrize(
    "name",
    [
        "westeurope.data.privatelink.azurecr.io",
        "xprivatelink.azurecr.io",
        "privatelink.azurecr.us",
        "cr.io",
        "acr.azurecr.io",
    ],
)
def test_a_zone_answers_for_the_names_that_end_in_its_own(name: str) -> None:
    other = zone_id(name=name)
    tables: dict[str, Any] = {
        "zones": zones(other),
        "zone_links": {other: Seen((link(zone=other),))},
        "zone_records": {other: records()},
    }
    assert told(zoned(**tables)) == PUBLIC


def test_an_endpoints_own_zone_counts_wherever_it_is() -> None:
    """In a subscription of which the list of zones was never asked for."""
    hub = zone_id("hub")
    found = zoned(
        zones=zones(),
        endpoint_zones={endpoint_id(): Seen((hub,))},
        zone_links={hub: Seen((link(zone=hub),))},
        zone_records={hub: records(shopacr="10.1.0.9")},
    )
    assert told(found) == PRIVATE
    assert resolve(found, vnet()).zone_id == hub


# --- custom DNS servers ---


def spoke(*servers: str, prefixes: tuple[str, ...] = HUB_PREFIX) -> VirtualNetwork:
    """A network with these servers, peered with a hub."""
    return vnet("vnet1", peering("hub", prefixes=prefixes), dns_servers=servers)


def asking(*servers: str, links: tuple[Any, ...] = (link("hub"),), **changes: Any) -> Resolution:
    network = spoke(*servers)
    found = zoned(*links, virtual_networks=networks(network, vnet("hub", prefixes=HUB_PREFIX)), **changes)
    return resolve(found, network)


def test_azure_dns_among_the_servers_is_azure_dns() -> None:
    assert told(zoned(link()), vnet(dns_servers=(AZURE_DNS,))) == PRIVATE
    assert told(zoned(), vnet(dns_servers=(AZURE_DNS,))) == PUBLIC
    assert not resolve(zoned(link()), vnet(dns_servers=(AZURE_DNS,))).by_custom_servers


@pytest.mark.parametrize(
    ("servers", "links", "kind"),
    [
        ((IN_HUB,), (link("hub"),), "private"),
        ((IN_HUB,), (link(),), "public"),  # the spoke's own link is nobody's question
        ((IN_HUB,), (), "public"),
        ((IN_VNET,), (link(),), "private"),
        ((IN_VNET,), (link("hub"),), "public"),
        ((IN_HUB, "10.100.0.5"), (link("hub"),), "private"),
        ((IN_HUB, IN_VNET), (link("hub"), link()), "private"),
        ((IN_HUB, IN_VNET), (link("hub"),), "unknowable"),  # which of them is asked cannot be told
        ((ON_PREMISES,), (link(), link("hub")), "unknowable"),
        ((IN_HUB, ON_PREMISES), (link("hub"),), "unknowable"),
        (("not an address",), (link(),), "unknowable"),
    ],
)
def test_servers_are_judged_by_the_network_they_sit_in(
    servers: tuple[str, ...], links: tuple[Any, ...], kind: str
) -> None:
    found = asking(*servers, links=links)
    assert (found.kind, found.servers, found.by_custom_servers) == (kind, servers, True)


def test_the_answer_names_the_network_that_decided() -> None:
    assert asking(IN_HUB).answered_for.name == "hub"
    assert asking(IN_VNET, links=(link(),)).answered_for.name == "vnet1"
    assert asking(ON_PREMISES).answered_for.name == "vnet1"


@pytest.mark.parametrize(
    ("servers", "links", "kind"),
    [
        ((AZURE_DNS, IN_HUB), (link(), link("hub")), "private"),
        ((AZURE_DNS, ON_PREMISES), (link(),), "unknowable"),
        ((AZURE_DNS, IN_HUB), (link("hub"),), "unknowable"),
        ((IN_HUB, AZURE_DNS), (link(),), "unknowable"),
    ],
)
def test_azure_dns_beside_another_server(servers: tuple[str, ...], links: tuple[Any, ...], kind: str) -> None:
    """It answers by the network's own links, as long as nobody says which of the servers is asked."""
    assert asking(*servers, links=links).kind == kind


def test_a_refused_network_is_a_gap_and_no_unplaced_server() -> None:
    network = spoke(IN_HUB)
    found = zoned(link("hub"), virtual_networks={network.id: Seen(network), network_id("hub"): REFUSED})
    with pytest.raises(UnseenError) as caught:
        resolve(found, network)
    assert caught.value.unseen is REFUSED


# --- what was not seen ---


@pytest.mark.parametrize(
    "changes",
    [
        {"zones": {"sub": REFUSED}},
        {"zones": {**zones(zone_id()), "sub": REFUSED}},
        {"zones": zones(zone_id(), OTHER)},  # the links of the second were never asked for
        {"zone_links": {zone_id(): REFUSED}},
    ],
    ids=["no zones", "one subscription refused", "links not asked", "links refused"],
)
def test_without_a_link_that_was_seen_what_was_not_seen_counts(changes: dict[str, Any]) -> None:
    with pytest.raises(UnseenError):
        told(zoned(**changes))


def test_an_endpoints_zones_that_were_not_seen_count_too() -> None:
    """They may be in a subscription whose zones were never listed."""
    with pytest.raises(UnseenError) as caught:
        told(zoned(zones=zones(), zone_links={}, endpoint_zones={endpoint_id(): REFUSED}))
    assert caught.value.unseen is REFUSED


@pytest.mark.parametrize(
    "changes",
    [
        {"zones": {"a": REFUSED, **zones(zone_id()), "z": REFUSED}},
        {"zones": zones(OTHER, zone_id()), "zone_links": {OTHER: REFUSED, zone_id(): Seen((link(),))}},
        {"endpoint_zones": {endpoint_id(): REFUSED}},
    ],
    ids=["other subscriptions refused", "other links refused", "zone group refused"],
)
def test_a_link_that_was_seen_decides(changes: dict[str, Any]) -> None:
    """A network is linked to one zone of a name only."""
    assert told(zoned(link(), **changes)) == PRIVATE


def test_records_that_were_not_seen_are_no_nxdomain() -> None:
    for tables in ({zone_id(): REFUSED}, {}):
        with pytest.raises(UnseenError):
            told(zoned(link(), zone_records=tables))


@pytest.mark.parametrize("status", ["Pending", "Rejected", "Disconnected"])
def test_an_endpoint_of_any_state_makes_the_name_an_alias(status: str) -> None:
    found = zoned(link(), found=records(), registry=registry(endpoint_connections=(connection(status),)))
    assert told(found) == NXDOMAIN
