"""Words and commands that several checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Evidence, Gap, Status, Verdict, az, not_applicable, unknown
from aksacr.facts import UnseenError
from aksacr.semantics.authorization import identity_unseen
from aksacr.semantics.pools import why_pool_has_no_nodes
from aksacr.semantics.service_tags import REGISTRY_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aksacr.check import JsonValue
    from aksacr.facts import Facts, NodePool, ResourceId

KUBELET_PATH = "properties.identityProfile.kubeletidentity"
CLUSTER_READ = "Microsoft.ContainerService/managedClusters/read"
REGISTRY_READ = "Microsoft.ContainerRegistry/registries/read"
REPLICAS_READ = "Microsoft.ContainerRegistry/registries/replications/read"
NETWORK_READ = "Microsoft.Network/virtualNetworks/read"
SCALE_SETS_READ = "Microsoft.Compute/virtualMachineScaleSets/read"
MACHINES_READ = "Microsoft.Compute/virtualMachines/read"
# Where the nodes are: a pool of a network that AKS made has its subnet from its scale set.
POOLS_READ = (CLUSTER_READ, SCALE_SETS_READ, MACHINES_READ, NETWORK_READ)
LINKS_READ = (
    *POOLS_READ,
    # A DNS server may be an Azure Firewall, whose policy says whether it answers.
    "Microsoft.Network/azureFirewalls/read",
    "Microsoft.Network/firewallPolicies/read",
    "Microsoft.Network/privateDnsZones/read",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read",
)
NAMES_READ = (*LINKS_READ, "Microsoft.Network/privateDnsZones/A/read")
ENDPOINTS_READ = ("Microsoft.Network/privateEndpoints/read", "Microsoft.Network/networkInterfaces/read")
ROUTES_READ = ("Microsoft.Network/routeTables/read", "Microsoft.Network/azureFirewalls/read")
EGRESS_READ = (
    *POOLS_READ,
    *ROUTES_READ,
    "Microsoft.Network/natGateways/read",
    "Microsoft.Network/publicIPAddresses/read",
    "Microsoft.Network/publicIPPrefixes/read",
)
FIREWALL_READ = (
    "Microsoft.Network/azureFirewalls/read",
    "Microsoft.Network/firewallPolicies/read",
    "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
    "Microsoft.Network/ipGroups/read",
)


def listed(items: Iterable[str], most: int = 6) -> str:
    """`a`, `a and b`, `a, b and c`; beyond `most`, how many more there are."""
    words = list(items)
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 rule`, `3 rules`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def seen(source: ResourceId | str, path: str, value: JsonValue) -> Evidence:
    """Evidence at a resource."""
    return Evidence(str(source), path, value)


def no_endpoint(facts: Facts) -> Verdict:
    """The verdict of every check about private endpoints where the registry has none that is approved."""
    which = "approved private endpoint" if facts.registry.endpoint_connections else "private endpoint"
    return not_applicable(f"{facts.registry.name} has no {which}.")


def identity_name(facts: Facts) -> str:
    """The pulling identity as an operator knows it: `kubelet identity aks-prod-agentpool`."""
    cluster = facts.cluster
    if cluster.kubelet_identity is not None:
        return f"kubelet identity {cluster.kubelet_identity.resource_id.name}"
    return f"service principal {cluster.service_principal_client_id}"


def identity_evidence(facts: Facts) -> Evidence:
    """Where the cluster says which identity it pulls with."""
    cluster = facts.cluster
    if cluster.kubelet_identity is not None:
        identity = cluster.kubelet_identity
        return seen(cluster.id, f"{KUBELET_PATH}.objectId", identity.object_id)
    return seen(cluster.id, "properties.servicePrincipalProfile.clientId", cluster.service_principal_client_id)


def no_identity(facts: Facts) -> Verdict:
    """The verdict of every check about the pulling identity while the cluster shows none."""
    gap = Gap.of(identity_unseen(facts))
    return unknown(f"{gap.sentence()}.", gap)


def for_each_pool(facts: Facts, judge: Callable[[NodePool], Verdict]) -> list[tuple[str, Verdict]]:
    """Judge each pool; one whose facts were not seen is unknown and does not stop the others.

    A pool that has no nodes pulls nothing: it is not judged, and AKA601 speaks of it.
    """
    return [(pool.name, _idle(facts, pool) or _guarded(pool, judge)) for pool in facts.cluster.node_pools]


def _idle(facts: Facts, pool: NodePool) -> Verdict | None:
    why = why_pool_has_no_nodes(facts, pool)
    return not_applicable(f"{why[0].upper()}{why[1:]}: no node of it pulls now; see AKA601.") if why else None


def _guarded(pool: NodePool, judge: Callable[[NodePool], Verdict]) -> Verdict:
    try:
        return judge(pool)
    except UnseenError as error:
        gap = Gap.of(error.unseen)
        return Verdict(Status.UNKNOWN, f"Node pool {pool.name}: {gap.sentence()}.", unseen=(gap,))


def subscription_words(facts: Facts, resource: ResourceId) -> tuple[str, ...]:
    """`--subscription X`: az's active subscription may be any, and a namesake may live there."""
    del facts
    return ("--subscription", resource.subscription_id)


def upgrade_node_image(facts: Facts, pool: str) -> str:
    """The command that renews a pool's nodes; for words only, since it rolls them."""
    cluster = facts.cluster
    where = ("-g", cluster.id.resource_group, "--cluster-name", cluster.name, *subscription_words(facts, cluster.id))
    return az("aks", "nodepool", "upgrade", *where, "-n", pool, "--node-image-only")


def move_to_managed_identity(facts: Facts) -> str:
    """The command that moves a cluster off its service principal; for words only, since nodes must follow."""
    cluster = facts.cluster
    where = ("-g", cluster.id.resource_group, "-n", cluster.name, *subscription_words(facts, cluster.id))
    return az("aks", "update", *where, "--enable-managed-identity")


def service_tag_ranges(location: str) -> str:
    """The command that lists the addresses of registries, by region."""
    query = f"values[?starts_with(name, '{REGISTRY_TAG}')].[name, properties.addressPrefixes]"
    return az("network", "list-service-tags", "-l", location, "--query", query)
