"""Peerings that are down: what is wrong with their halves, and how they are made whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Fix, az
from aksacr.facts import Seen, same
from aksacr.semantics.routing import Half

from ._wording import listed, seen, subscription_words

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, ResourceId
    from aksacr.semantics.routing import Way


def _is_gone(facts: Facts, network_id: ResourceId) -> bool:
    """Whether Azure has no network of that id any more; one that may not be read is not gone."""
    network = facts.virtual_network(network_id)
    return isinstance(network, Seen) and network.value is None


def half_words(facts: Facts, half: Half) -> str:
    """What is wrong with one half of a peering, or missing."""
    if half.peering is None and _is_gone(facts, half.network_id):
        return f"virtual network {half.network_id.name} no longer exists"
    if half.peering is None:
        return f"{half.network_id.name} has no peering back to {half.remote_id.name}"
    return f"peering {half.peering.name} of {half.network_id.name} is {half.peering.state or 'in no known state'}"


def peering_fixes(facts: Facts, found: Way) -> list[Fix]:
    """For each peering that is down, and for no other: halves that still work are left alone."""
    fixes: list[Fix] = []
    for pair in _pairs(found):
        missing = [half for half in pair if half.peering is None]
        if all(half.connected for half in pair):
            continue
        gone = [half for half in missing if _is_gone(facts, half.network_id)]
        if gone:
            fixes.append(_without(gone[0], [half for half in pair if half.peering is not None]))
            continue
        if any(half.peering is not None and same(half.peering.state, "Disconnected") for half in pair) or not missing:
            fixes += _anew(facts, pair)
        else:
            fixes.append(_create(facts, missing, f"Create the missing half of the peering: {_words(missing)}"))
    return fixes


def _without(gone: Half, left: list[Half]) -> Fix:
    """No command: what is gone cannot be peered with, and what deletes is not to be pasted."""
    ours = listed(f"{half.peering.name} of {half.network_id.name}" for half in left if half.peering is not None)
    delete = f"Delete peering {ours}, which leads to a network that is gone, and make" if ours else "Make"
    return Fix(
        f"{delete} virtual network {gone.network_id.name} again with its peerings, or lead {gone.remote_id.name} to "
        "the private endpoint by another way: a peering with the endpoint's network, or a private endpoint of its own",
        manual=True,
        caveat="Routes, DNS servers and appliances that were in that network are gone with it.",
        needs=f"Network Contributor on {gone.remote_id.name}",
    )


def _pairs(found: Way) -> list[list[Half]]:
    """The halves of each peering on the way, together."""
    pairs: dict[frozenset[ResourceId], list[Half]] = {}
    for half in found.halves:
        pairs.setdefault(frozenset({half.network_id, half.remote_id}), []).append(half)
    return list(pairs.values())


def _anew(facts: Facts, pair: list[Half]) -> list[Fix]:
    names = listed(f"{half.peering.name} ({half.network_id.name})" for half in pair if half.peering is not None)
    delete = Fix(
        f"Delete what is left of the peering: {names}. A half that has lost its other side cannot be mended",
        manual=True,
        caveat="Deleting a half cuts whatever else still uses it.",
        needs="Network Contributor on both virtual networks",
    )
    both = pair if len(pair) > 1 else [*pair, Half(pair[0].remote_id, pair[0].network_id, None)]
    return [delete, _create(facts, both, f"Then create the peering anew: {_words(both)}")]


def _words(halves: list[Half]) -> str:
    return listed(f"{half.network_id.name} to {half.remote_id.name}" for half in halves)


def _create(facts: Facts, halves: list[Half], summary: str) -> Fix:
    names = listed(dict.fromkeys(name for half in halves for name in (half.network_id.name, half.remote_id.name)))
    return Fix(summary, tuple(_command(facts, half) for half in halves), needs=f"Network Contributor on {names}")


def _command(facts: Facts, half: Half) -> str:
    near, far = half.network_id, half.remote_id
    where = ("-g", near.resource_group, *subscription_words(facts, near), "--vnet-name", near.name)
    flags: list[str] = []
    if half.peering is not None:
        for option, is_set in (
            ("--allow-forwarded-traffic", half.peering.allow_forwarded_traffic),
            ("--allow-gateway-transit", half.peering.allow_gateway_transit),
            ("--use-remote-gateways", half.peering.use_remote_gateways),
        ):
            flags += [option, "true"] if is_set else []
    return az(
        *("network", "vnet", "peering", "create", *where, "-n", f"{near.name}-to-{far.name}"),
        *("--remote-vnet", far, "--allow-vnet-access", "true", *flags),
    )


def peering_evidence(facts: Facts, found: Way) -> list[Evidence]:
    """The state of every half on a way."""
    return [_half_evidence(facts, half) for half in found.halves]


def _half_evidence(facts: Facts, half: Half) -> Evidence:
    if half.peering is not None:
        return seen(half.peering.id, "properties.peeringState", half.peering.state)
    if _is_gone(facts, half.network_id):
        return seen(half.network_id, "id", "no such virtual network")
    return seen(half.network_id, "properties.virtualNetworkPeerings", f"none with {half.remote_id.name}")
