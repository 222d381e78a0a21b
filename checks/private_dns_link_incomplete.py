"""The virtual network's link to the private DNS zone is not complete.

What is read
    The links of the zone with the private link name to the nodes' virtual network: `virtualNetworkLinkState` and
    `provisioningState`.

Why pulls fail
    A link that is in progress, or that failed, does not answer. Nodes resolve the registry as if there were none.

What to do
    Wait a few minutes for one that is in progress. Make one that failed anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, across_pools, not_applicable, passed
from aksacr.facts import UnseenError, same
from aksacr.semantics.admission import public_side
from aksacr.semantics.dns_servers import name_servers
from aksacr.semantics.endpoints import has_approved_connection
from aksacr.semantics.name_resolution import is_complete, links_to
from aksacr.semantics.pools import network_of

from ._wording import EGRESS_READ, LINKS_READ, REGISTRY_READ, for_each_pool, no_endpoint, seen

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, VirtualNetwork, ZoneLink


def judge(facts: Facts) -> Verdict:
    if not has_approved_connection(facts):
        return no_endpoint(facts)
    return across_pools(for_each_pool(facts, lambda pool: _judge_pool(facts, pool)))


def _judge_pool(facts: Facts, pool: NodePool) -> Verdict:
    vnet = network_of(facts, pool)
    answering = [item for item in name_servers(facts, vnet) if item.answers]
    homes = [item.network for item in answering if item.network is not None]
    if not homes or len(homes) < len(answering):
        return not_applicable(f"Node pool {pool.name}: custom DNS servers answer for {vnet.name}; see AKA305.")
    found, unseen = links_to(facts, homes[0])
    links = [link for zone, link in found if same(zone.name, facts.cloud.private_link_zone)]
    if any(is_complete(link) for link in links):
        return passed(f"Node pool {pool.name}: the link of {homes[0].name} is complete.")
    if links:
        if public_side(facts, pool) == "open":
            return not_applicable(f"Node pool {pool.name} is admitted by the public endpoint of {facts.registry.name}.")
        return _fault(facts, pool, homes[0], links[0])
    if unseen:
        raise UnseenError(unseen[0])
    return not_applicable(
        f"Node pool {pool.name}: {homes[0].name} has no link to {facts.cloud.private_link_zone}; see AKA301."
    )


def _fault(facts: Facts, pool: NodePool, vnet: VirtualNetwork, link: ZoneLink) -> Verdict:
    state = link.state if not same(link.provisioning_state, "Failed") else "Failed"
    return Verdict(
        Status.FAIL,
        f"Link {link.name} of {vnet.name} (node pool {pool.name}) to {facts.cloud.private_link_zone} is {state}: it "
        f"does not answer, and nodes resolve {facts.registry.login_server} as if there were none.",
        evidence=(
            seen(link.id, "properties.virtualNetworkLinkState", link.state),
            seen(link.id, "properties.provisioningState", link.provisioning_state),
        ),
        fixes=(
            Fix(
                f"Wait a few minutes; if link {link.name} does not become Completed, remove it and create it again",
                manual=True,
                caveat="Without the link, nodes resolve the public address.",
                needs="Private DNS Zone Contributor on the zone",
            ),
        ),
    )


CHECK = Check(
    code="AKA306",
    name="private-dns-link-incomplete",
    title="The VNet link is complete",
    explains=("dns-nxdomain",),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, *dict.fromkeys((*LINKS_READ, *EGRESS_READ))),
    docs=("https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links",),
)
