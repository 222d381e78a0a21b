"""Layers through an Azure Firewall or another appliance: what AKA351 says beside AKA343."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import across_pools, not_applicable
from aksacr.facts import same
from aksacr.semantics.crossings import by_next_hop, crossings, passages

from ._firewall_denials import denial, denied_of, spares_login
from ._firewall_doubts import not_decided, rules_not_seen

if TYPE_CHECKING:
    from aksacr.check import Verdict
    from aksacr.facts import Facts, NodePool
    from aksacr.semantics.crossings import Crossing


def past_firewalls(facts: Facts, pool: NodePool) -> Verdict | None:
    """What stops layers at an appliance, or may; None where nothing does. Raises `UnseenError`."""
    judged = [_through(facts, pool, several) for several in by_next_hop(crossings(facts, pool))]
    said = [(pool.name, verdict) for verdict in judged if verdict is not None]
    return across_pools(said) if said else None


def _through(facts: Facts, pool: NodePool, found: list[Crossing]) -> Verdict | None:
    layers = [item for item in found if not same(item.target.name, facts.registry.login_server)]
    if not layers:
        return None
    firewall = found[0].appliance.firewall
    if firewall is None:
        return rules_not_seen(facts, pool, layers, "the requests for layers")
    judged = passages(facts, pool, found)
    denied = denied_of(judged)
    if denied and spares_login(facts, denied):
        return denial(facts, pool, [item for item, passage in judged if passage in denied], denied)
    of_layers = [(item, passage) for item, passage in judged if item in layers]
    open_ends = [
        (item, passage) for item, passage in of_layers if passage.verdict != "allowed" and passage not in denied
    ]
    if open_ends:
        return not_decided(facts, pool, firewall, open_ends)
    if any(passage in denied for _, passage in of_layers):
        return not_applicable(
            f"Node pool {pool.name}: Azure Firewall {firewall.name} denies the layers, and "
            f"{facts.registry.login_server} as well; see AKA343."
        )
    return None
