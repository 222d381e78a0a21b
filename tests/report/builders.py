"""Pieces to build sample reports from: a catalogue of checks, and a cluster and a registry of one house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.report.model import (
    CheckResult,
    ClusterTarget,
    EvidenceItem,
    FixItem,
    HopResult,
    IdentityTarget,
    NodePoolTarget,
    PoolPath,
    RegistryTarget,
    Report,
    Stats,
    Target,
    Tool,
    UnseenItem,
    VerdictResult,
    exit_status,
)

if TYPE_CHECKING:
    from aksacr.check import JsonValue
    from aksacr.report.model import Outcome, StatusWord

SUBSCRIPTION = "/subscriptions/6f2d6c1e-8a0b-4a51-9c53-2f7d1f0c4b10"
HUB_SUBSCRIPTION = "/subscriptions/c1b7e0f3-55d2-4c0e-8f8e-0d9a61f2a7aa"
CLUSTER = f"{SUBSCRIPTION}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks-shop"
REGISTRY = f"{SUBSCRIPTION}/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/acrshop"
VNET = f"{SUBSCRIPTION}/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/vnet-shop"
HUB_VNET = f"{HUB_SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
ZONE = f"{HUB_SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
ASSIGNMENTS = f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments"
OBJECT_ID = "7d1f3c55-0b07-4b4e-9d2a-5a1c8e9b6d21"

TITLES = {
    "AKA101": ("pull-role-missing", "The pulling identity holds a role that grants pull on the registry"),
    "AKA111": ("service-principal-secret-expired", "The cluster's service principal has a valid secret"),
    "AKA121": ("kubelet-identity-off-node-pool", "Every node pool carries the kubelet identity"),
    "AKA131": (
        "arm-audience-tokens-refused",
        "The registry accepts the tokens that the nodes' credential provider asks for",
    ),
    "AKA201": ("egress-address-not-allowed", "The registry's rules admit every address the nodes leave from"),
    "AKA202": (
        "public-access-disabled-without-private-path",
        "A registry closed to the public has a private path from the nodes",
    ),
    "AKA301": ("private-dns-zone-not-linked", "The nodes' VNet is linked to the registry's private DNS zone"),
    "AKA322": ("peering-not-connected", "The peering is Connected on both sides"),
}
CORE = ("AKA101", "AKA111", "AKA121", "AKA201", "AKA202", "AKA301", "AKA322")


def check(
    code: str,
    status: StatusWord,
    message: str,
    *,
    node_pools: tuple[str, ...] = (),
    evidence: tuple[EvidenceItem, ...] = (),
    fixes: tuple[FixItem, ...] = (),
    unseen: tuple[UnseenItem, ...] = (),
    docs: tuple[str, ...] = (),
    explains: tuple[str, ...] = (),
    refines: tuple[str, ...] = (),
    number: str | None = None,
) -> CheckResult:
    """The check of that code, or one of the code `number` that is like it but for that."""
    name, title = TITLES.get(code, TITLES["AKA101"])
    return CheckResult(
        code=number or code,
        name=name,
        title=title,
        status=status,
        message=message,
        node_pools=list(node_pools),
        evidence=list(evidence),
        fixes=list(fixes),
        unseen=list(unseen),
        docs=list(docs),
        explains=list(explains),
        refines=list(refines),
    )


def seen(source: str, path: str, value: JsonValue) -> EvidenceItem:
    return EvidenceItem(source=source, path=path, value=value)


def fix(
    summary: str,
    *commands: str,
    manual: bool = False,
    caveat: str | None = None,
    needs: str | None = None,
) -> FixItem:
    return FixItem(summary=summary, commands=list(commands), manual=manual, caveat=caveat, needs=needs)


def gap(source: str, action: str, reason: str = "denied (AuthorizationFailed)") -> UnseenItem:
    return UnseenItem(source=source, action=action, reason=reason)


def pool(name: str, *addresses: str, subnet: str | None = f"{VNET}/subnets/nodes") -> NodePoolTarget:
    return NodePoolTarget(name=name, os_type="Linux", subnet_id=subnet, egress_addresses=list(addresses))


def path(node_pool: str, *hops: tuple[StatusWord, str, tuple[str, ...]]) -> PoolPath:
    names = ("resolve", "route", "admit", "identify", "authorize", "layers")
    return PoolPath(
        node_pool=node_pool,
        hops=[
            HopResult(hop=name, status=status, detail=detail, checks=list(checks))
            for name, (status, detail, checks) in zip(names, hops, strict=True)
        ],
    )


def target(
    *pools: NodePoolTarget,
    cluster: str = "aks-shop",
    image: str | None = None,
    sku: str = "Premium",
    identity: IdentityTarget | None = None,
) -> Target:
    return Target(
        cloud="AzureCloud",
        cluster=ClusterTarget(
            id=CLUSTER.replace("aks-shop", cluster),
            name=cluster,
            resource_group="rg-shop",
            location="westeurope",
            kubernetes_version="1.33.2",
            identity=identity
            or IdentityTarget(
                kind="managed-identity",
                object_id=OBJECT_ID,
                client_id="2b9e8f10-61c3-4f0d-a8a9-90e3b7c2d4f5",
                resource_id=f"{SUBSCRIPTION}/resourceGroups/MC_rg-shop_aks-shop_westeurope/providers"
                "/Microsoft.ManagedIdentity/userAssignedIdentities/aks-shop-agentpool",
            ),
        ),
        registry=RegistryTarget(id=REGISTRY, name="acrshop", login_server="acrshop.azurecr.io", sku=sku),
        image=image,
        node_pools=list(pools),
    )


def report(
    of: Target,
    outcome: Outcome,
    summary: str,
    checks: list[CheckResult],
    pull_path: list[PoolPath],
    *,
    root_causes: tuple[str, ...] = (),
    observed: tuple[dict[str, JsonValue], ...] = (),
    requests: int = 21,
    seconds: float = 0.94,
) -> Report:
    return Report(
        schema_version="1.0",
        tool=Tool(name="aksacr", version="0.1.0"),
        generated_at="2026-11-22T10:00:00Z",
        target=of,
        observed=list(observed),
        verdict=VerdictResult(
            outcome=outcome,
            root_causes=list(root_causes),
            summary=summary,
            exit_status=exit_status(checks, fail_on="fault", allow_unknown=frozenset()),
        ),
        checks=checks,
        pull_path=pull_path,
        stats=Stats(requests=requests, elapsed_seconds=seconds),
    )
