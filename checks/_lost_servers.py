"""DNS servers that nodes have no way to: words, evidence and fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Fix
from aksacr.facts import look
from aksacr.semantics.pools import subnet_of

from ._peerings import half_words, peering_evidence, peering_fixes
from ._wording import listed, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, NodePool, VirtualNetwork
    from aksacr.semantics.dns_ways import LostServer


def lost_words(facts: Facts, pool: NodePool, vnet: VirtualNetwork, item: LostServer) -> str:
    """`route drop (10.90.4.0/24 to None) of rt-nodes drops what goes to DNS server 10.90.4.4, which vnet asks ...`."""
    asked = f"DNS server {item.server}, which {vnet.name} asks for names"
    if item.route is not None:
        route = f"route {item.route.name} ({item.route.prefix} to {item.route.next_hop_type}) of {_table(facts, pool)}"
        return f"{route} drops what goes to {asked}"
    down = listed(half_words(facts, half) for half in item.way.halves if not half.connected)
    return f"nodes do not reach {asked}: it is in {item.home.name}, and the peering with that is down ({down})"


def lost_evidence(facts: Facts, pool: NodePool, item: LostServer) -> list[Evidence]:
    """The route that drops, or the halves of the peering."""
    if item.route is None:
        return peering_evidence(facts, item.way)
    source = str(subnet_of(facts, pool).route_table_id)
    return [seen(source, f"properties.routes[{item.route.name}]", f"{item.route.prefix} to {item.route.next_hop_type}")]


def lost_fixes(facts: Facts, pool: NodePool, item: LostServer) -> list[Fix]:
    """Mend the peering, or take the route away."""
    if item.route is None:
        return peering_fixes(facts, item.way)
    table = _table(facts, pool)
    return [
        Fix(
            f"Take route {item.route.name} ({item.route.prefix}) off {table}, or narrow it, so that it leaves "
            f"{item.server} alone",
            manual=True,
            caveat="The route was made on purpose: ask who made it.",
            needs=f"Network Contributor on {table}",
        )
    ]


def _table(facts: Facts, pool: NodePool) -> str:
    table_id = subnet_of(facts, pool).route_table_id
    table = look(facts.route_tables, table_id).value if table_id is not None else None
    return f"route table {table.name}" if table is not None else "the route table"
