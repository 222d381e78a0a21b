"""A finding → its causes, the most probable first: by symptom, then moved up by what the text itself gives away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from . import causes_elsewhere, causes_identity, causes_image, causes_network, causes_registry
from .references import is_acr_host, is_storage_host
from .remedies import filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from .findings import Finding
    from .model import Cause

_MOST_CAUSES = 8
REMEDIES = {
    remedy.slug: remedy
    for module in (causes_image, causes_identity, causes_network, causes_registry, causes_elsewhere)
    for remedy in module.CAUSES
}
RANKED: dict[str, str] = {
    "dns-nxdomain": "dns-record-missing registry-host-typo dnl-login-server-mismatch custom-dns-not-forwarding "
    "registry-deleted-or-moved dns-zone-in-wrong-cloud-or-name wrong-cloud-cross-pull",
    "dns-timeout": "dns-server-unreachable custom-dns-not-forwarding dns-server-change-not-applied",
    "dns-server-failure": "dns-node-resolver-broken custom-dns-not-forwarding dns-server-change-not-applied dns-server-unreachable",
    "timeout-private-ip": "vnet-not-peered peering-disconnected pe-not-approved udr-captures-private-endpoint "
    "nsg-on-node-subnet-denies firewall-blocks-private-endpoint peering-access-blocked peering-out-of-sync dns-record-wrong-ip",
    "timeout-public-ip": "no-egress nsg-blocks-internet-443 azure-firewall-missing-rules dns-zone-not-linked-to-cluster-vnet "
    "proxy-not-passed-to-node snat-exhaustion",
    "timeout-headers": "azure-firewall-missing-rules no-egress proxy-not-passed-to-node firewall-idle-or-client-timeout snat-exhaustion",
    "context-deadline": "serialized-pull-queue image-too-large-for-deadline slow-or-reset-layer azure-firewall-missing-rules "
    "firewall-idle-or-client-timeout",
    "connection-refused": "dns-record-wrong-ip firewall-blocks-private-endpoint http-proxy-misconfigured registry-host-typo",
    "connection-reset": "firewall-idle-or-client-timeout azure-firewall-missing-rules slow-or-reset-layer registry-not-provisioned",
    "connection-eof": "azure-firewall-missing-rules dns-record-wrong-ip firewall-blocks-private-endpoint ipv6-preference",
    "network-unreachable": "no-egress ipv6-preference udr-captures-private-endpoint",
    "proxy-error": "http-proxy-misconfigured proxy-not-passed-to-node",
    "tls-handshake-timeout": "nva-tls-handshake-timeout azure-firewall-missing-rules blob-endpoint-blocked",
    "tls-unknown-authority": "tls-inspection-untrusted-ca certificate-for-another-host",
    "tls-hostname": "certificate-for-another-host privatelink-fqdn-in-image tls-inspection-untrusted-ca",
    "tls-cert-expired": "certificate-expired clock-skew tls-inspection-untrusted-ca",
    "tls-http-mismatch": "http-only-registry certificate-for-another-host",
    "forbidden-firewall": "ip-not-in-ip-rules public-access-disabled dns-zone-not-linked-to-cluster-vnet "
    "only-some-egress-ips-allowed udr-egress-not-lb-ip",
    "forbidden-403": "dns-zone-not-linked-to-cluster-vnet public-access-disabled ip-not-in-ip-rules udr-egress-not-lb-ip "
    "only-some-egress-ips-allowed service-endpoint-without-vnet-rule custom-dns-not-forwarding cmk-identity-inactive-or-key-revoked",
    "anonymous-token-401": "no-pull-role kubelet-identity-missing-from-vmss role-on-old-principal image-tag-or-repo-missing "
    "pull-secret-missing pull-secret-wrong-server provider-cannot-reach-registry arm-audience-disabled",
    "unauthorized-401": "no-pull-role acrpull-on-abac-registry role-on-old-principal pull-secret-wrong-password sp-secret-expired "
    "role-assignment-propagating abac-condition-excludes-repository image-tag-or-repo-missing",
    "token-expired": "sp-secret-expired sp-secret-wrong-on-cluster pull-secret-sp-expired sp-deleted-or-disabled",
    "registry-challenge-missing": "not-the-registry-that-answers public-access-disabled dns-zone-not-linked-to-cluster-vnet "
    "http-proxy-misconfigured",
    "not-found-tag": "image-tag-or-repo-missing purged-or-retained-out geo-replica-lag quarantined artifact-cache-failure",
    "not-found-repository": "image-tag-or-repo-missing scope-map-lacks-repo acrpull-on-abac-registry no-pull-role "
    "pull-secret-wrong-password",
    "platform-mismatch": "platform-arch-mismatch platform-os-mismatch",
    "manifest-unsupported": "schema1-or-unsupported-media-type not-the-registry-that-answers",
    "signature-validation": "image-verifier-or-signature",
    "quarantined": "quarantined locked-read-disabled",
    "rate-limited-429": "throttled-429 artifact-cache-failure",
    "server-error-5xx": "registry-not-provisioned cmk-identity-inactive-or-key-revoked firewall-idle-or-client-timeout "
    "http-proxy-misconfigured",
    "bad-request-400": "request-altered-by-proxy schema1-or-unsupported-media-type",
    "layer-blob-timeout": "blob-endpoint-blocked data-endpoint-blocked nsg-blocks-internet-443 dns-data-record-missing",
    "layer-blob-forbidden": "service-endpoint-policy-blocks-storage redirect-link-expired blob-endpoint-blocked "
    "layer-altered-on-the-way",
    "layer-not-found": "geo-replica-lag purged-or-retained-out image-damaged artifact-cache-failure",
    "layer-corrupt": "image-damaged layer-altered-on-the-way slow-or-reset-layer",
    "layer-extract-failed": "disk-pressure-no-space user-id-out-of-range linux-image-on-windows-node image-damaged",
    "disk-full": "disk-pressure-no-space",
    "invalid-reference": "invalid-image-name",
    "image-never-pull": "pull-policy-never",
    "pull-qps": "kubelet-qps-exceeded",
    "secret-missing": "pull-secret-missing pull-secret-wrong-type-or-corrupt pull-secret-not-referenced",
    "backoff-only": "cause-in-earlier-event",
    "exec-format": "platform-arch-mismatch",
    "unknown": "text-cut-short",
    "not-a-pull-error": "",
}


class _Clue(NamedTuple):
    """When `seen` holds for one of `symptoms` (none: for all), `first` come before the others and `not_` fall away."""

    seen: Callable[[Finding], bool]
    first: str = ""
    not_: str = ""
    symptoms: str = ""


def _says(*words: str) -> Callable[[Finding], bool]:
    return lambda finding: any(word in finding.text.lower() for word in words)


_PUBLIC = re.compile(r"(?:^|\.)(?:docker\.io|quay\.io|ghcr\.io|gcr\.io|k8s\.io|docker\.com)$")
_MICROSOFT = re.compile(r"(?:^|\.)mcr\.(?:microsoft\.com|azure\.cn)$")
_TYPO = re.compile(
    r"azureacr|azurecr\.(?:com|net|org|azure)|azurcr|azurerc|azuercr|acr\.io$|azurecr$|azurecr\.\w+\.azurecr"
)
_AZURE_ONLY = (
    "no-pull-role role-on-old-principal acrpull-on-abac-registry abac-condition-excludes-repository "
    "kubelet-identity-missing-from-vmss arm-audience-disabled provider-cannot-reach-registry role-assignment-propagating "
    "public-access-disabled ip-not-in-ip-rules udr-egress-not-lb-ip dns-zone-not-linked-to-cluster-vnet throttled-429 "
    "only-some-egress-ips-allowed service-endpoint-without-vnet-rule cmk-identity-inactive-or-key-revoked sp-secret-expired "
    "dns-record-missing dnl-login-server-mismatch dns-zone-in-wrong-cloud-or-name wrong-cloud-cross-pull purged-or-retained-out "
    "geo-replica-lag quarantined artifact-cache-failure registry-not-provisioned vnet-not-peered peering-disconnected "
    "pe-not-approved peering-access-blocked peering-out-of-sync custom-dns-not-forwarding scope-map-lacks-repo"
)


def _server(finding: Finding) -> str:
    host = finding.host or ""
    first = (finding.image or "").partition("/")[0]
    server = first if "/" in (finding.image or "") and ("." in first or ":" in first) else host
    return server.rpartition(":")[0].lower() if re.search(r":\d+$", server) else server.lower()


def _is_public(finding: Finding) -> bool:
    return (
        _PUBLIC.search(_server(finding)) is not None
        or _short(finding)
        and _PUBLIC.search(finding.host or "") is not None
    )


def _short(finding: Finding) -> bool:
    """Whether the image has no registry host, so that Docker Hub is asked."""
    first, slash, _ = (finding.image or "").partition("/")
    return bool(first) and not (slash and ("." in first or ":" in first or first == "localhost"))


def _is_other(finding: Finding) -> bool:
    server = _server(finding)
    known = (
        is_acr_host(server)
        or is_storage_host(server)
        or _PUBLIC.search(server)
        or _MICROSOFT.search(server)
        or _TYPO.search(server)
    )
    return bool(server) and "azurecr" not in server and not known


def _azure_dns(finding: Finding) -> bool:
    return finding.resolver is not None and finding.resolver.startswith(("168.63.129.16", "169.254.10."))


_CLUES = (
    _Clue(lambda finding: _TYPO.search(_server(finding)) is not None, "registry-host-typo", symptoms="dns-nxdomain anonymous-token-401 not-found-tag"),
    _Clue(lambda finding: ".privatelink." in _server(finding), "privatelink-fqdn-in-image"),
    _Clue(lambda finding: ".geo." in _server(finding), "credential-provider-host-not-matched", symptoms="anonymous-token-401"),
    _Clue(_is_public, "non-acr-public-image china-cloud-public-image", _AZURE_ONLY),
    _Clue(lambda finding: _short(finding) and finding.symptom in {"not-found-repository", "not-found-tag", "unauthorized-401"}, "host-left-out", _AZURE_ONLY),
    _Clue(lambda finding: _MICROSOFT.search(_server(finding)) is not None, "mcr-unreachable", _AZURE_ONLY,
          "timeout-public-ip timeout-headers connection-eof connection-reset tls-handshake-timeout dns-nxdomain dns-timeout context-deadline"),
    _Clue(_is_other, "pull-secret-wrong-password pull-secret-missing connected-registry-endpoint", _AZURE_ONLY,
          "unauthorized-401 anonymous-token-401 not-found-repository forbidden-403"),
    _Clue(_is_other, "", _AZURE_ONLY),
    _Clue(_azure_dns, "dns-record-missing", "custom-dns-not-forwarding", "dns-nxdomain"),
    _Clue(lambda finding: finding.resolver is not None and not _azure_dns(finding), "custom-dns-not-forwarding registry-host-typo", symptoms="dns-nxdomain"),
    _Clue(lambda finding: ".data." in (finding.host or ""), "dns-data-record-missing", symptoms="dns-nxdomain"),
    _Clue(lambda finding: ".data." in (finding.host or ""), "data-endpoint-blocked", "blob-endpoint-blocked", "layer-blob-timeout connection-eof tls-handshake-timeout"),
    _Clue(lambda finding: ".blob." in (finding.host or ""), "blob-endpoint-blocked", "data-endpoint-blocked dns-data-record-missing",
          "layer-blob-timeout connection-eof tls-handshake-timeout connection-reset"),
    _Clue(lambda finding: finding.address_kind == "private", "dns-record-wrong-ip firewall-blocks-private-endpoint", symptoms="connection-refused connection-eof connection-reset"),
    _Clue(lambda finding: (finding.address or "").startswith("169.254.169.254"), "imds-unreachable", "vnet-not-peered peering-disconnected pe-not-approved"),
    _Clue(_says("localhost:8578"), "artifact-streaming-issue"),
    _Clue(_says("admin user is disabled"), "admin-user-disabled"),
    _Clue(_says("invalid clientid or client secret", "client id must be guid"), "pull-secret-wrong-password sp-secret-expired pull-secret-sp-expired"),
    _Clue(_says("insufficient scopes"), "scope-map-lacks-repo acr-token-disabled-or-expired"),
    _Clue(_says("no basic auth credentials"), "pull-secret-missing pull-secret-wrong-server"),
    _Clue(_says("dockerapiexception", "container app", "container group", "containertemplate", "app service", "web app"), "app-service-registry-login",
          symptoms="unauthorized-401 forbidden-403 unknown not-found-repository"),
    _Clue(_says("hcsshim"), "linux-image-on-windows-node", "disk-pressure-no-space user-id-out-of-range"),
    _Clue(_says("cannot be mapped", "lchown", "invalid argument"), "user-id-out-of-range", "linux-image-on-windows-node", "layer-extract-failed"),
    _Clue(_says("windows"), "platform-os-mismatch", symptoms="platform-mismatch"),
    _Clue(_says("linux/arm", "linux/amd64", "arm64"), "platform-arch-mismatch", symptoms="platform-mismatch"),
    _Clue(_says("pull rate limit"), "docker-hub-rate-limit", "throttled-429 artifact-cache-failure"),
    _Clue(_says("identity associated with the registry is inactive", "cmk_error"), "cmk-identity-inactive-or-key-revoked"),
    _Clue(_says("cache rule"), "artifact-cache-failure"),
)  # fmt: skip


def causes_of(finding: Finding) -> list[Cause]:
    """What produces this symptom, most probable first, with the names of the text filled in."""
    ranked = RANKED[finding.symptom].split()
    if finding.symptom == "unknown":
        ranked += [RANKED[name].split()[0] for name in finding.alternatives if RANKED[name]]
    if finding.symptom == "not-a-pull-error":
        ranked = causes_elsewhere.recognised(finding.text)
    first: list[str] = []
    dropped: set[str] = set()
    for clue in _CLUES:
        if ranked and (not clue.symptoms or finding.symptom in clue.symptoms.split()) and clue.seen(finding):
            first += clue.first.split()
            dropped.update(clue.not_.split())
    slugs = dict.fromkeys((*first, *(slug for slug in ranked if slug not in dropped)))
    return [filled(REMEDIES[slug], finding) for slug in list(slugs)[:_MOST_CAUSES]]
