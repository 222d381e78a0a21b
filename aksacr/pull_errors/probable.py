"""Which causes each symptom has, the most probable first, and what in a text moves them up or rules them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .patterns import lazily
from .references import is_acr_host, is_storage_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from .findings import Finding


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """`symptom: slug slug …`, a symptom a line; indented lines go on with the one above."""
    ranked: dict[str, tuple[str, ...]] = {}
    for entry in text.strip().replace("\n    ", " ").split("\n"):
        symptom, _, slugs = entry.partition(":")
        ranked[symptom] = tuple(slugs.split())
    return ranked


RANKED = _table("""
dns-nxdomain: dns-record-missing registry-host-typo dnl-login-server-mismatch custom-dns-not-forwarding
    registry-deleted-or-moved dns-zone-in-wrong-cloud-or-name wrong-cloud-cross-pull
dns-timeout: dns-server-unreachable custom-dns-not-forwarding dns-server-change-not-applied
dns-server-failure: dns-node-resolver-broken custom-dns-not-forwarding dns-server-change-not-applied
    dns-server-unreachable
timeout-private-ip: vnet-not-peered peering-disconnected pe-not-approved udr-captures-private-endpoint
    nsg-on-node-subnet-denies firewall-blocks-private-endpoint peering-access-blocked peering-out-of-sync
    dns-record-wrong-ip
timeout-public-ip: no-egress nsg-blocks-internet-443 azure-firewall-missing-rules
    dns-zone-not-linked-to-cluster-vnet proxy-not-passed-to-node snat-exhaustion
timeout-headers: azure-firewall-missing-rules no-egress proxy-not-passed-to-node firewall-idle-or-client-timeout
    snat-exhaustion
context-deadline: serialized-pull-queue image-too-large-for-deadline slow-or-reset-layer
    azure-firewall-missing-rules firewall-idle-or-client-timeout
connection-refused: dns-record-wrong-ip firewall-blocks-private-endpoint http-proxy-misconfigured registry-host-typo
connection-reset: firewall-idle-or-client-timeout azure-firewall-missing-rules slow-or-reset-layer
    registry-not-provisioned
connection-eof: azure-firewall-missing-rules dns-record-wrong-ip firewall-blocks-private-endpoint ipv6-preference
network-unreachable: no-egress ipv6-preference udr-captures-private-endpoint
proxy-error: http-proxy-misconfigured proxy-not-passed-to-node
tls-handshake-timeout: nva-tls-handshake-timeout azure-firewall-missing-rules blob-endpoint-blocked
tls-unknown-authority: tls-inspection-untrusted-ca certificate-for-another-host
tls-hostname: certificate-for-another-host privatelink-fqdn-in-image tls-inspection-untrusted-ca
tls-cert-expired: certificate-expired clock-skew tls-inspection-untrusted-ca
tls-http-mismatch: http-only-registry certificate-for-another-host
forbidden-firewall: ip-not-in-ip-rules public-access-disabled dns-zone-not-linked-to-cluster-vnet
    only-some-egress-ips-allowed udr-egress-not-lb-ip
forbidden-403: dns-zone-not-linked-to-cluster-vnet public-access-disabled ip-not-in-ip-rules udr-egress-not-lb-ip
    only-some-egress-ips-allowed service-endpoint-without-vnet-rule custom-dns-not-forwarding
    cmk-identity-inactive-or-key-revoked
anonymous-token-401: no-pull-role kubelet-identity-missing-from-vmss role-on-old-principal image-tag-or-repo-missing
    pull-secret-missing pull-secret-wrong-server provider-cannot-reach-registry arm-audience-disabled
    pull-secret-not-referenced kubelet-identity-deleted-or-recreated exchange-refused-wrong-tenant anonymous-pull-off
unauthorized-401: no-pull-role acrpull-on-abac-registry role-on-old-principal pull-secret-wrong-password
    sp-secret-expired role-assignment-propagating abac-condition-excludes-repository image-tag-or-repo-missing
    custom-role-without-pull pull-secret-sp-expired admin-password-regenerated admin-user-disabled
    acr-token-disabled-or-expired sp-to-mi-migration-incomplete expose-token-expired
token-expired: sp-secret-expired sp-secret-wrong-on-cluster pull-secret-sp-expired sp-deleted-or-disabled
registry-challenge-missing: not-the-registry-that-answers public-access-disabled dns-zone-not-linked-to-cluster-vnet
    http-proxy-misconfigured
not-found-tag: image-tag-or-repo-missing purged-or-retained-out geo-replica-lag quarantined artifact-cache-failure
not-found-repository: image-tag-or-repo-missing scope-map-lacks-repo acrpull-on-abac-registry no-pull-role
    pull-secret-wrong-password
platform-mismatch: platform-arch-mismatch platform-os-mismatch
manifest-unsupported: schema1-or-unsupported-media-type not-the-registry-that-answers
signature-validation: image-verifier-or-signature
quarantined: quarantined locked-read-disabled
rate-limited-429: throttled-429 artifact-cache-failure
server-error-5xx: registry-not-provisioned cmk-identity-inactive-or-key-revoked firewall-idle-or-client-timeout
    http-proxy-misconfigured
bad-request-400: request-altered-by-proxy schema1-or-unsupported-media-type
layer-blob-timeout: blob-endpoint-blocked data-endpoint-blocked nsg-blocks-internet-443 dns-data-record-missing
layer-blob-forbidden: service-endpoint-policy-blocks-storage redirect-link-expired blob-endpoint-blocked
    layer-altered-on-the-way
layer-not-found: geo-replica-lag purged-or-retained-out image-damaged artifact-cache-failure
layer-corrupt: image-damaged layer-altered-on-the-way slow-or-reset-layer
layer-extract-failed: disk-pressure-no-space user-id-out-of-range linux-image-on-windows-node image-damaged
disk-full: disk-pressure-no-space
invalid-reference: invalid-image-name
image-never-pull: pull-policy-never
pull-qps: kubelet-qps-exceeded
secret-missing: pull-secret-missing pull-secret-wrong-type-or-corrupt pull-secret-not-referenced
backoff-only: cause-in-earlier-event
exec-format: platform-arch-mismatch
unknown: text-cut-short
not-a-pull-error:
""")

# Causes that only an Azure Container Registry can have. They fall away where the text names another registry.
_AZURE_ONLY = """
    no-pull-role role-on-old-principal acrpull-on-abac-registry abac-condition-excludes-repository
    kubelet-identity-missing-from-vmss arm-audience-disabled provider-cannot-reach-registry
    role-assignment-propagating public-access-disabled ip-not-in-ip-rules udr-egress-not-lb-ip
    dns-zone-not-linked-to-cluster-vnet throttled-429 only-some-egress-ips-allowed
    service-endpoint-without-vnet-rule cmk-identity-inactive-or-key-revoked sp-secret-expired dns-record-missing
    dnl-login-server-mismatch dns-zone-in-wrong-cloud-or-name wrong-cloud-cross-pull purged-or-retained-out
    geo-replica-lag quarantined artifact-cache-failure registry-not-provisioned vnet-not-peered peering-disconnected
    pe-not-approved peering-access-blocked peering-out-of-sync custom-dns-not-forwarding scope-map-lacks-repo
"""


class Clue(NamedTuple):
    """When `seen` holds for one of `symptoms` (empty: any): `first` come first, `last` last, `without` fall away."""

    seen: Callable[[Finding], bool]
    symptoms: str = ""
    first: str = ""
    last: str = ""
    without: str = ""

    def applies(self, finding: Finding) -> bool:
        """Whether the clue is there in this finding."""
        return (not self.symptoms or finding.symptom in self.symptoms.split()) and self.seen(finding)


_PUBLIC = lazily(r"(?:^|\.)(?:docker\.io|quay\.io|ghcr\.io|gcr\.io|k8s\.io|docker\.com)$")
_MICROSOFT = lazily(r"(?:^|\.)mcr\.(?:microsoft\.com|azure\.cn)$")
_TYPO = lazily(
    r"azureacr|azurecr\.(?:com|net|org|azure)|azurcr|azurerc|azuercr|acr\.io$|azurecr$|azurecr\.\w+\.azurecr"
)
_PORT = lazily(r":\d{1,5}$")
_LAYERS = "layer-blob-timeout connection-eof connection-reset tls-handshake-timeout"
_THE_WAY = (
    "timeout-public-ip timeout-headers connection-eof connection-reset tls-handshake-timeout dns-nxdomain dns-timeout "
    "context-deadline"
)
_WHO_AND_WHAT = "unauthorized-401 anonymous-token-401 not-found-repository not-found-tag forbidden-403 rate-limited-429"


def _says(*phrases: str) -> Callable[[Finding], bool]:
    return lambda finding: any(phrase in finding.text.lower() for phrase in phrases)


def _host_has(part: str) -> Callable[[Finding], bool]:
    return lambda finding: part in (finding.host or "").lower()


def _server(finding: Finding) -> str:
    """The registry's own host: that of the image, else the one asked."""
    first, slash, _ = (finding.image or "").partition("/")
    named = first if slash and ("." in first or ":" in first) else finding.host or ""
    return _PORT().sub("", named).lower()


def _server_has(part: str) -> Callable[[Finding], bool]:
    return lambda finding: part in _server(finding)


def _dialled_private(finding: Finding) -> bool:
    return finding.address_kind == "private"


def _dialled_imds(finding: Finding) -> bool:
    return finding.address == "169.254.169.254"


def _is_short(finding: Finding) -> bool:
    """Whether the image has no registry host, so that Docker Hub is asked."""
    first, slash, _ = (finding.image or "").partition("/")
    return bool(first) and not (slash and ("." in first or ":" in first or first == "localhost"))


def _is_public(finding: Finding) -> bool:
    return _PUBLIC().search(_server(finding)) is not None


def _is_microsoft(finding: Finding) -> bool:
    return _MICROSOFT().search(_server(finding)) is not None


def _has_typo(finding: Finding) -> bool:
    return _TYPO().search(_server(finding)) is not None


def _is_other(finding: Finding) -> bool:
    """Whether the registry is a private one that is not Azure's."""
    server = _server(finding)
    if not server or "azurecr" in server or is_acr_host(server) or is_storage_host(server) or _has_typo(finding):
        return False
    return not _is_public(finding) and not _is_microsoft(finding)


def _asked_azure_dns(finding: Finding) -> bool:
    return finding.resolver is not None and finding.resolver.startswith(("168.63.129.16", "169.254.10."))


def _asked_own_dns(finding: Finding) -> bool:
    return finding.resolver is not None and not _asked_azure_dns(finding)


CLUES = (
    Clue(_has_typo, "dns-nxdomain anonymous-token-401 not-found-tag", first="registry-host-typo"),
    Clue(_server_has(".privatelink."), first="privatelink-fqdn-in-image"),
    Clue(_server_has(".geo."), "anonymous-token-401", first="credential-provider-host-not-matched"),
    Clue(_is_public, without=_AZURE_ONLY, last="non-acr-public-image"),
    Clue(_is_public, f"{_THE_WAY} {_WHO_AND_WHAT}", first="non-acr-public-image china-cloud-public-image"),
    Clue(_is_short, _WHO_AND_WHAT, first="host-left-out", without=_AZURE_ONLY),
    Clue(_is_microsoft, without=_AZURE_ONLY),
    Clue(_is_microsoft, _THE_WAY, first="mcr-unreachable"),
    Clue(_is_other, without=_AZURE_ONLY),
    Clue(
        _is_other,
        "unauthorized-401 anonymous-token-401 not-found-repository forbidden-403",
        first="pull-secret-wrong-password pull-secret-missing connected-registry-endpoint",
    ),
    Clue(_asked_azure_dns, "dns-nxdomain", first="dns-record-missing", without="custom-dns-not-forwarding"),
    Clue(_asked_own_dns, "dns-nxdomain", first="custom-dns-not-forwarding registry-host-typo"),
    Clue(_host_has(".data."), "dns-nxdomain", first="dns-data-record-missing"),
    Clue(_host_has(".data."), _LAYERS, first="data-endpoint-blocked", without="blob-endpoint-blocked"),
    Clue(
        _host_has(".blob."),
        _LAYERS,
        first="blob-endpoint-blocked",
        without="data-endpoint-blocked dns-data-record-missing",
    ),
    Clue(
        _dialled_private,
        "connection-refused connection-eof connection-reset",
        first="dns-record-wrong-ip firewall-blocks-private-endpoint",
    ),
    Clue(
        _dialled_imds,
        first="imds-unreachable",
        without="vnet-not-peered peering-disconnected pe-not-approved peering-access-blocked peering-out-of-sync",
    ),
    Clue(_says("localhost:8578"), first="artifact-streaming-issue"),
    Clue(_says("admin user is disabled"), first="admin-user-disabled"),
    Clue(
        _says("invalid clientid or client secret", "client id must be guid"),
        first="pull-secret-wrong-password sp-secret-expired pull-secret-sp-expired",
    ),
    Clue(_says("insufficient scopes"), first="scope-map-lacks-repo acr-token-disabled-or-expired"),
    Clue(_says("no basic auth credentials"), first="pull-secret-missing pull-secret-wrong-server"),
    Clue(
        _says("dockerapiexception", "container app", "container group", "containertemplate", "containerapp", "web app"),
        "unauthorized-401 forbidden-403 not-found-repository",
        first="app-service-registry-login",
    ),
    Clue(
        _says("is not accessible", "persistent image pull", "imagepullfailure"),
        "unknown",
        first="reason-kept-back",
        without="text-cut-short",
    ),
    Clue(_says("hcsshim"), first="linux-image-on-windows-node", without="disk-pressure-no-space user-id-out-of-range"),
    Clue(
        _says("cannot be mapped", "lchown", "invalid argument"),
        "layer-extract-failed",
        first="user-id-out-of-range",
        without="linux-image-on-windows-node",
    ),
    Clue(_says("windows"), "platform-mismatch", first="platform-os-mismatch"),
    Clue(_says("linux/arm", "linux/amd64", "arm64"), "platform-mismatch", first="platform-arch-mismatch"),
    Clue(_says("pull rate limit"), first="docker-hub-rate-limit", without="throttled-429 artifact-cache-failure"),
    Clue(_says("associated with the registry is inactive", "cmk_error"), first="cmk-identity-inactive-or-key-revoked"),
    Clue(_says("cache rule"), first="artifact-cache-failure"),
    Clue(_says("label key and value greater than maximum"), first="image-label-size"),
)
