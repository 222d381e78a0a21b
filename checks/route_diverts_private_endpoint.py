"""A route of the nodes' subnet leads away from the private endpoint.

What is read
    The route table of each node pool's subnet, with its `disablePeeringRoute`, the private endpoint's addresses, and
    whether the endpoint's subnet applies route tables to endpoints (`privateEndpointNetworkPolicies`).

Why pulls fail
    A private endpoint is a /32 route, which beats a default route to a firewall. A user's route wins where it is as
    long, or where the endpoint's subnet applies route tables and the route is as long as the network's prefix. Over
    a hub the /32 is not known at all, and the user's route decides. Next hop None drops the packets, and Internet
    throws them away, for it takes no private address; an appliance must admit and return them: `dial tcp <private
    address>:443: i/o timeout`. A route table with `disablePeeringRoute` All keeps the routes that peerings bring out
    of the subnet; whether the /32 of an endpoint in a peered network is among them Azure does not say.

What to do
    Keep every address of the endpoint, the login server's and the data endpoints', in the network by a route of its
    own, or remove the route that takes it away; or let the appliance forward them. With `disablePeeringRoute` All, look
    at the effective routes of a node's network interface.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, az, not_applicable, passed, unknown
from aksacr.facts import Unseen, UnseenError, same
from aksacr.semantics.appliances import appliance_behind
from aksacr.semantics.crossings import by_next_hop, crossings
from aksacr.semantics.endpoints import endpoint_of_address
from aksacr.semantics.firewall_matching import Target
from aksacr.semantics.name_resolution import registry_names, resolve
from aksacr.semantics.pools import network_of, subnet_of
from aksacr.semantics.prefixes import prefix_length
from aksacr.semantics.routing import NextHop, next_hop
from aksacr.semantics.service_tags import REGISTRY_TAG

from ._firewall import ask, hop_words, sources_of, to_allow
from ._requests import request
from ._ways import WAY_READ, Used, for_each_way, peering_routes_kept_out
from ._wording import REPLICAS_READ, listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, ResourceId, Route, Subnet
    from aksacr.semantics.appliances import Appliance
    from aksacr.semantics.crossings import Crossing


def judge(facts: Facts) -> Verdict:
    return for_each_way(facts, _judge)


def _judge(facts: Facts, pool: NodePool, best: Used) -> Verdict:
    if not best.address:
        action = "Microsoft.Network/networkInterfaces/read"
        raise UnseenError(Unseen(best.endpoint.id.text, action, "shows no address of the login server"))
    if best.way.kind == "apart":
        return not_applicable(
            f"Node pool {pool.name}: no way to {best.endpoint.virtual_network_id.name} was seen; see AKA321."
        )
    kept_out = peering_routes_kept_out(facts, pool, best)
    if kept_out is not None:
        return kept_out
    hop = next_hop(facts, pool, best.endpoint, best.address, best.way)
    subnet = subnet_of(facts, pool)
    if hop.kind == "dropped":
        return _dropped(facts, pool, best, subnet)
    if hop.kind == "appliance":
        return _appliance(facts, pool, best, hop, subnet)
    if hop.kind == "nowhere":
        return not_applicable(f"Node pool {pool.name}: no route leads over the hub to {best.address}; see AKA321.")
    return passed(
        f"Node pool {pool.name}: the routes of subnet {subnet.name} lead to private endpoint {best.endpoint.name} "
        f"({best.address})."
    )


def _dropped(facts: Facts, pool: NodePool, used: Used, subnet: Subnet) -> Verdict:
    """Says all of the endpoint's addresses that the pool needs and loses: a mend of one alone lets no layer through."""
    lost = [(address, hop) for address, hop in _hops(facts, pool, used) if hop.kind == "dropped"]
    routes = list(dict.fromkeys(hop.route for _, hop in lost if hop.route is not None))
    words = listed(
        f"route {route.name} of subnet {subnet.name} "
        f"{'sends to the internet, where private addresses are thrown away,' if _leaves(route) else 'drops'} "
        f"{route.prefix}"
        for route in routes
    )
    addresses = [address for address, _ in lost]
    table = subnet.route_table_id
    commands = [] if table is None else [_keep_here(facts, table, hop.route, at) for at, hop in lost if hop.route]
    holds = "which holds" if len(routes) == 1 else "which hold"
    return Verdict(
        Status.FAIL,
        f"Node pool {pool.name}: {words}, {holds} private endpoint {used.endpoint.name} ({listed(addresses)}). Pulls "
        "time out.",
        evidence=tuple(dict.fromkeys(each for _, hop in lost for each in _evidence(subnet, hop))),
        fixes=(
            Fix(
                f"Let {listed(addresses)} stay in the virtual network, past route "
                f"{listed(route.name for route in routes)}",
                tuple(dict.fromkeys(commands)) if used.way.kind == "same" else (),
                manual=used.way.kind != "same",
                caveat="For a peered network, shorten or remove the route instead: no next hop stands for a peer.",
                needs=f"Network Contributor on {table.name if table else subnet.name}",
            ),
        ),
    )


def _hops(facts: Facts, pool: NodePool, used: Used) -> list[tuple[str, NextHop]]:
    """Where packets to the endpoint's addresses go: the login server's, and those of the data endpoints behind it."""
    found: dict[str, NextHop] = {}
    for address in (used.address, *_data_addresses(facts, pool, used)):
        with suppress(UnseenError):
            found[address] = next_hop(facts, pool, used.endpoint, address, used.way)
    return list(found.items())


def _data_addresses(facts: Facts, pool: NodePool, used: Used) -> list[str]:
    """The addresses that the pool resolves data endpoints to, at this private endpoint; none where that is not seen."""
    found: list[str] = []
    for name in registry_names(facts)[1:]:
        with suppress(UnseenError):
            answer = resolve(facts, network_of(facts, pool), name)
            held = [(address, endpoint_of_address(facts, address)) for address in answer.addresses]
            found += [at for at, endpoint in held if endpoint is not None and endpoint.id == used.endpoint.id]
    return found


def _keep_here(facts: Facts, table: ResourceId, route: Route, address: str) -> str:
    """A route for the address alone; Azure takes no second one for a prefix, so that one is changed."""
    place = ("-g", table.resource_group, *subscription_words(facts, table), "--route-table-name", table.name)
    whole = 128 if ":" in address else 32
    local = ("--next-hop-type", "VnetLocal")
    if prefix_length(route.prefix, address) == whole:
        return az("network", "route-table", "route", "update", *place, "-n", route.name, *local)
    name = f"registry-{address.replace('.', '-').replace(':', '-')}"
    prefix = ("--address-prefix", f"{address}/{whole}")
    return az("network", "route-table", "route", "create", *place, "-n", name, *prefix, *local)


def _leaves(route: Route) -> bool:
    return same(route.next_hop_type, "Internet")


def _appliance(facts: Facts, pool: NodePool, used: Used, hop: NextHop, subnet: Subnet) -> Verdict:
    route = hop.route
    behind = appliance_behind(facts, network_of(facts, pool), route) if route is not None else None
    if behind is not None and behind.firewall is not None:
        return passed(
            f"Node pool {pool.name}: the routes of subnet {subnet.name} lead to private endpoint {used.endpoint.name} "
            f"({used.address}) through Azure Firewall {behind.firewall.name}, whose rules AKA343 judges.",
            *_evidence(subnet, hop),
        )
    to = behind.hop if behind is not None else ""
    if behind is not None and behind.is_gateway:
        to = "the virtual network gateway (VPN or ExpressRoute), out of Azure"
    targets, request = _request(facts, pool, used, behind)
    return unknown(
        f"Node pool {pool.name}: route {route.name if route else ''} of subnet {subnet.name} sends {used.address} "
        f"(private endpoint {used.endpoint.name}) to {to}, whose rules are not judged here. It must allow "
        f"{to_allow(subnet, targets)}, and return the answers by the same way (source NAT).",
        *([Gap.of(behind.gap)] if behind is not None and behind.gap is not None else []),
        evidence=_evidence(subnet, hop),
        fixes=(request,),
    )


def _request(facts: Facts, pool: NodePool, used: Used, behind: Appliance | None) -> tuple[list[Target], Fix]:
    """What must get through the appliance, as AKA343 asks for it: one request serves both."""
    found: list[Crossing] = []
    with suppress(UnseenError):
        same_way = [group for group in by_next_hop(crossings(facts, pool)) if group[0].appliance == behind]
        found = same_way[0] if same_way else []
    hop = hop_words(behind) if behind is not None else "the next hop"
    if found:
        return [item.target for item in found], request(facts, pool, found[0], hop)
    targets = [Target(facts.registry.login_server, REGISTRY_TAG, address=used.address)]
    return targets, ask(sources_of(subnet_of(facts, pool)), hop, targets)


def _evidence(subnet: Subnet, hop: NextHop) -> tuple[Evidence, ...]:
    if hop.route is None or subnet.route_table_id is None:
        return ()
    route = hop.route
    value = f"{route.prefix} to {route.next_hop_type} {route.next_hop_address}".strip()
    return (seen(subnet.route_table_id, f"properties.routes[{route.name}]", value),)


CHECK = Check(
    code="AKA331",
    name="route-diverts-private-endpoint",
    title="The nodes' routes lead to the private endpoint",
    explains=("timeout-private-ip",),
    judge=judge,
    page=__doc__ or "",
    permissions=(*WAY_READ, REPLICAS_READ),
    docs=("https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy",),
)
