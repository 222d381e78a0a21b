"""Sample reports, one for each thing that a report can have to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.report.model import IdentityTarget

from .builders import (
    ASSIGNMENTS,
    CLUSTER,
    HUB_VNET,
    OBJECT_ID,
    REGISTRY,
    VNET,
    ZONE,
    check,
    fix,
    gap,
    path,
    pool,
    report,
    seen,
    target,
)
from .hostile import hostile

if TYPE_CHECKING:
    from aksacr.report.model import CheckResult, PoolPath, Report, StatusWord

_LINKS = f"{ZONE}/virtualNetworkLinks"
_LEARN = "https://learn.microsoft.com/azure"
_IDENTIFIED = ("pass", "kubelet identity aks-shop-agentpool is on every scale set", ("AKA121",))
_NO_PRINCIPAL = "the cluster pulls with a managed identity"
_PRINCIPAL = IdentityTarget(
    kind="service-principal",
    object_id="f0a3c9d8-2f6e-4d0d-9a55-64b2f1f7c0e3",
    client_id="2b9e8f10-61c3-4f0d-a8a9-90e3b7c2d4f5",
)
_OPEN = {
    "AKA201": check("AKA201", "pass", "acrshop admits all networks"),
    "AKA202": check("AKA202", "not-applicable", "acrshop is open to the public"),
    "AKA301": check("AKA301", "not-applicable", "acrshop has no private endpoint"),
    "AKA322": check("AKA322", "not-applicable", "acrshop has no private endpoint"),
}
_OPEN_WAY: tuple[tuple[StatusWord, str, tuple[str, ...]], ...] = (
    ("pass", "acrshop.azurecr.io → 20.61.97.10", ()),
    ("pass", "load balancer aks-shop leads out", ()),
    ("pass", "all networks are admitted", ("AKA201",)),
)


def _healthy(status_of: dict[str, CheckResult]) -> list[CheckResult]:
    """The seven checks of a cluster that pulls over a private endpoint, with some replaced."""
    checks = [
        check(
            "AKA101",
            "pass",
            "kubelet identity aks-shop-agentpool holds AcrPull on acrshop",
            evidence=(seen(ASSIGNMENTS, "properties.principalId", OBJECT_ID),),
        ),
        check("AKA111", "not-applicable", _NO_PRINCIPAL),
        check("AKA121", "pass", "all 2 scale sets carry aks-shop-agentpool"),
        check("AKA201", "not-applicable", "the nodes reach acrshop over its private endpoint"),
        check("AKA202", "pass", "private endpoint pe-acrshop serves vnet-shop"),
        check("AKA301", "pass", "vnet-shop is linked to privatelink.azurecr.io (rg-hub)"),
        check("AKA322", "pass", "vnet-shop and vnet-hub are peered, Connected on both sides"),
    ]
    return [status_of.get(item.code, item) for item in checks]


def _private_dns() -> CheckResult:
    return check(
        "AKA301",
        "fail",
        "Azure DNS answers for vnet-shop, but the zone privatelink.azurecr.io (rg-hub), which holds acrshop's records, "
        "is not linked to it. So the nodes resolve acrshop.azurecr.io to its public address, and the registry, which "
        "is closed to the public, refuses them with 403.",
        node_pools=("gpu", "user"),
        evidence=(
            seen(_LINKS, "properties.virtualNetwork.id", [HUB_VNET]),
            seen(VNET, "properties.dhcpOptions.dnsServers", []),
            seen(REGISTRY, "properties.publicNetworkAccess", "Disabled"),
        ),
        fixes=(
            fix(
                "Link the zone to vnet-shop.",
                "az network private-dns link vnet create --subscription c1b7e0f3-55d2-4c0e-8f8e-0d9a61f2a7aa -g rg-hub "
                "-n vnet-shop --zone-name privatelink.azurecr.io "
                f"--virtual-network {VNET} --registration-enabled false",
                caveat="A VNet can be linked to only one zone of this name.",
                needs="Private DNS Zone Contributor on privatelink.azurecr.io, Network Contributor on vnet-shop",
            ),
        ),
        docs=(f"{_LEARN}/dns/private-dns-virtual-network-links",),
        explains=("forbidden-403", "timeout-public-ip"),
        refines=("AKA202",),
    )


def _expired_secret() -> CheckResult:
    return check(
        "AKA111",
        "fail",
        "Both secrets of the cluster's service principal sp-aks-shop have expired, the last one on 2026-11-03. So the "
        "registry answers the nodes with 401, and AKS itself can no longer act for the cluster.",
        evidence=(
            seen(
                "Microsoft Graph /applications",
                "passwordCredentials[].endDateTime",
                ["2025-11-02T08:00:00Z", "2026-11-03T08:00:00Z"],
            ),
            seen(CLUSTER, "properties.servicePrincipalProfile.clientId", "2b9e8f10-61c3-4f0d-a8a9-90e3b7c2d4f5"),
        ),
        fixes=(
            fix(
                "Make a new secret and give it to the cluster. This replaces the nodes one after the other, so pods "
                "are moved.",
                manual=True,
                caveat="A reset without --append deletes the secrets that others may still use.",
                needs="owner of the application sp-aks-shop, Contributor on aks-shop",
            ),
            fix(
                "Or leave secrets behind: move the cluster to a managed identity with "
                "`az aks update --enable-managed-identity`, and then renew its node pools.",
                manual=True,
            ),
        ),
        docs=(f"{_LEARN}/aks/update-credentials",),
        explains=("unauthorized-401", "token-expired"),
    )


def blocked() -> Report:
    """Two faults, an effect of one of them, a warning, something unseen, an observed error; three pools, two alike."""
    unseen_role = check(
        "AKA101",
        "unknown",
        f"could not read {ASSIGNMENTS} (denied (AuthorizationFailed)); "
        "needs Microsoft.Authorization/roleAssignments/read",
        unseen=(gap(ASSIGNMENTS, "Microsoft.Authorization/roleAssignments/read"),),
    )
    peering = check(
        "AKA322",
        "warn",
        "The peering from vnet-hub to vnet-shop is Connected, but its address space is out of date (RemoteNotInSync). "
        "Nothing breaks today; a new subnet of vnet-shop would not be reached.",
        evidence=(
            seen(f"{HUB_VNET}/virtualNetworkPeerings/to-shop", "properties.peeringSyncLevel", "RemoteNotInSync"),
        ),
        fixes=(
            fix(
                "Bring the peering up to date.",
                "az network vnet peering sync -g rg-hub --vnet-name vnet-hub -n to-shop",
                needs="Network Contributor on vnet-hub",
            ),
        ),
    )
    closed = check(
        "AKA202",
        "fail",
        "acrshop is closed to the public, and its private endpoint pe-acrshop is not what the nodes resolve.",
        node_pools=("gpu", "user"),
        fixes=(fix("Open the public side.", "az acr update -n acrshop --public-network-enabled true"),),
        explains=("forbidden-403",),
    )
    checks = _healthy(
        {
            "AKA101": unseen_role,
            "AKA111": _expired_secret(),
            "AKA121": check("AKA121", "not-applicable", "the cluster pulls with a service principal"),
            "AKA202": closed,
            "AKA301": _private_dns(),
            "AKA322": peering,
        },
    )
    images = check(
        "AKA131", "pass", "all node images are from after March 2025, and bring the provider that asks acrshop"
    )
    checks.insert(3, images)
    names: tuple[tuple[StatusWord, str, tuple[str, ...]], ...] = (
        ("fail", "acrshop.azurecr.io → 20.61.97.10, its public address", ("AKA301",)),
        ("pass", "the address is public; load balancer aks-shop leads out", ()),
        ("fail", "403: public access is Disabled", ("AKA202",)),
        ("fail", "401: both secrets of sp-aks-shop have expired", ("AKA111",)),
        ("unknown", "role assignments on acrshop could not be read", ("AKA101",)),
        ("not-applicable", "not reached", ()),
    )
    good: tuple[tuple[StatusWord, str, tuple[str, ...]], ...] = (
        ("pass", "acrshop.azurecr.io → 10.1.0.5 (zone privatelink.azurecr.io)", ("AKA301",)),
        ("pass", "vnet-system → vnet-hub, peered", ("AKA322",)),
        ("pass", "by private endpoint pe-acrshop", ("AKA202",)),
        *names[3:],
    )
    return report(
        target(
            pool("system", "20.86.11.4"),
            pool("gpu", "20.86.11.4"),
            pool("user", "20.86.11.4"),
            image="shop/web:2.4.1",
            identity=_PRINCIPAL,
        ),
        "blocked",
        "node pools gpu and user of aks-shop cannot pull from acrshop: vnet-shop is not linked to the private DNS zone "
        "privatelink.azurecr.io (AKA301), and the secret of sp-aks-shop has expired (AKA111).",
        checks,
        [path("system", *good), path("gpu", *names), path("user", *names)],
        root_causes=("AKA301", "AKA111"),
        observed=(
            {"text": "failed to fetch anonymous token: 403 Forbidden", "symptom": "forbidden-403", "stage": "admit"},
        ),
        requests=43,
        seconds=1.62,
    )


def role_missing() -> Report:
    """The commonest fault of all, alone: nobody attached the registry."""
    missing = check(
        "AKA101",
        "fail",
        "The kubelet identity aks-shop-agentpool holds no role on acrshop, rg-registry or the subscription that grants "
        "pull. So the registry gives the nodes no token, and pulls end with 401 Unauthorized.",
        evidence=(
            seen(ASSIGNMENTS, "[].properties.principalId", ["0d4c2a51-7a7d-49f3-8f53-0f7b33c1b2c9"]),
            seen(CLUSTER, "properties.identityProfile.kubeletidentity.objectId", OBJECT_ID),
        ),
        fixes=(
            fix(
                "Grant AcrPull to the kubelet identity.",
                f"az role assignment create --assignee-object-id {OBJECT_ID} --assignee-principal-type "
                f"ServicePrincipal --role AcrPull --scope {REGISTRY}",
                caveat="It can take ten minutes to reach the registry, and as long again until nodes ask anew.",
                needs="Owner, User Access Administrator or Role Based Access Control Administrator on acrshop",
            ),
        ),
        docs=(f"{_LEARN}/aks/cluster-container-registry-integration",),
        explains=("unauthorized-401", "anonymous-token-401"),
    )
    return report(
        target(pool("nodepool1", "20.86.11.4")),
        "blocked",
        "aks-shop cannot pull from acrshop: its kubelet identity aks-shop-agentpool holds no role that grants pull "
        "(AKA101).",
        _healthy({**_OPEN, "AKA101": missing}),
        [
            path(
                "nodepool1",
                *_OPEN_WAY,
                _IDENTIFIED,
                ("fail", "401: no role grants pull", ("AKA101",)),
                ("not-applicable", "not reached", ()),
            ),
        ],
        root_causes=("AKA101",),
    )


def at_risk() -> Report:
    """Nothing fails today; a secret ends soon."""
    ending = check(
        "AKA111",
        "warn",
        "The secret of sp-aks-shop ends on 2026-12-01, in 9 days. From then on pulls would end with 401 Unauthorized.",
        evidence=(
            seen("Microsoft Graph /applications", "passwordCredentials[].endDateTime", ["2026-12-01T08:00:00Z"]),
        ),
        fixes=(
            fix(
                "Renew the secret and give it to the cluster before that day; the nodes are replaced one by one.",
                manual=True,
            ),
        ),
        explains=("unauthorized-401",),
    )
    return report(
        target(pool("nodepool1", "20.86.11.4"), sku="Basic", identity=_PRINCIPAL),
        "at-risk",
        "no blocking cause found, but the secret of sp-aks-shop ends on 2026-12-01 (AKA111).",
        _healthy(
            {
                **_OPEN,
                "AKA101": check("AKA101", "pass", "service principal sp-aks-shop holds AcrPull on acrshop"),
                "AKA111": ending,
                "AKA121": check("AKA121", "not-applicable", "the cluster pulls with a service principal"),
            },
        ),
        [
            path(
                "nodepool1",
                *_OPEN_WAY,
                ("warn", "the secret of sp-aks-shop ends on 2026-12-01", ("AKA111",)),
                ("pass", "AcrPull on acrshop", ("AKA101",)),
                ("pass", "public storage, with the way out that the registry has", ()),
            ),
        ],
        root_causes=("AKA111",),
    )


def _clear_path(name: str) -> PoolPath:
    return path(
        name,
        ("pass", "acrshop.azurecr.io → 10.1.0.5 (zone privatelink.azurecr.io)", ("AKA301",)),
        ("pass", "vnet-shop → vnet-hub, peered", ("AKA322",)),
        ("pass", "by private endpoint pe-acrshop", ("AKA202",)),
        _IDENTIFIED,
        ("pass", "AcrPull on acrshop", ("AKA101",)),
        ("pass", "acrshop.westeurope.data.azurecr.io → 10.1.0.4", ("AKA301",)),
    )


def clear() -> Report:
    """All was seen, nothing is wrong; one check does not apply."""
    return report(
        target(pool("nodepool1", "20.86.11.4")),
        "clear",
        "no blocking cause found in what was checked.",
        _healthy({}),
        [_clear_path("nodepool1")],
    )


def undetermined() -> Report:
    """No fault, but a permission and an answer are missing."""
    zones = gap(
        "/subscriptions/c1b7e0f3-55d2-4c0e-8f8e-0d9a61f2a7aa/providers/Microsoft.Network/privateDnsZones",
        "Microsoft.Network/privateDnsZones/read",
    )
    links = check(
        "AKA301",
        "unknown",
        "The private DNS zones of the hub subscription could not be read, so it is not known what vnet-shop resolves "
        "acrshop.azurecr.io to.",
        unseen=(zones,),
    )
    closed = check("AKA202", "unknown", "It hangs on what vnet-shop resolves the name to.", unseen=(zones,))
    far_side = f"{HUB_VNET}/virtualNetworkPeerings"
    peering = check(
        "AKA322",
        "unknown",
        f"could not read {far_side} (denied (AuthorizationFailed)); "
        "needs Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read",
        unseen=(gap(far_side, "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read"),),
    )
    way: tuple[tuple[StatusWord, str, tuple[str, ...]], ...] = (
        ("unknown", "the zones of the hub subscription could not be read", ("AKA301",)),
        ("unknown", "vnet-hub's side of the peering could not be read", ("AKA322",)),
        ("unknown", "hangs on the address", ("AKA202",)),
        _IDENTIFIED,
        ("pass", "AcrPull on acrshop", ("AKA101",)),
        ("unknown", "hangs on the address", ()),
    )
    return report(
        target(pool("nodepool1", "20.86.11.4"), image="shop/web@sha256:" + "3f" * 32),
        "undetermined",
        "no fault found, but 3 checks could not see what they need; one permission on the hub subscription decides 2.",
        _healthy({"AKA301": links, "AKA202": closed, "AKA322": peering}),
        [path("nodepool1", *way)],
    )


def crashed() -> Report:
    """A check broke; the others went on."""
    broken = check(
        "AKA201",
        "crash",
        "The check broke off with ValueError: '20.86.11.4/33' does not appear to be an IPv4 or IPv6 network. "
        "This is a defect of aksacr; please report it with this line and the version.",
    )
    return report(
        target(pool("nodepool1", "20.86.11.4"), sku="Standard"),
        "undetermined",
        "no fault found, but the check AKA201 broke off.",
        _healthy({"AKA201": broken}),
        [_clear_path("nodepool1")],
        requests=1,
        seconds=0.31,
    )


SAMPLES = {
    "blocked": blocked,
    "role-missing": role_missing,
    "at-risk": at_risk,
    "clear": clear,
    "undetermined": undetermined,
    "crash": crashed,
    "hostile": hostile,
}
