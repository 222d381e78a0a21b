"""The symptoms: for each its home stage, whether the text alone settles it, and what it means, in words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .model import Stage


class Symptom(NamedTuple):
    """`words` finishes the sentence "the text says: …"; `meaning` says what follows from it."""

    stage: Stage
    settled: bool
    words: str
    meaning: str


SYMPTOMS: dict[str, Symptom] = {
    "dns-nxdomain": Symptom(
        "resolve",
        True,
        "the registry's name does not exist for the node",
        "The resolver answered, and its answer was that there is no such name. Nothing was asked of the registry.",
    ),
    "dns-timeout": Symptom(
        "resolve",
        True,
        "the node's resolver did not answer",
        "The name was never resolved, because packets to the DNS server are lost. Nothing was asked of the registry.",
    ),
    "dns-server-failure": Symptom(
        "resolve",
        True,
        "the node's resolver failed",
        "The DNS server answered with an error, or nothing listens at its address. Nothing was asked of the registry.",
    ),
    "timeout-private-ip": Symptom(
        "connect",
        False,
        "a private address does not answer",
        "The name resolves to a private endpoint, and the way there drops the packets: peering, route, rule or "
        "firewall.",
    ),
    "timeout-public-ip": Symptom(
        "connect",
        False,
        "the registry's address does not answer",
        "The way out of the node's subnet drops the packets, or the name should have resolved to a private address.",
    ),
    "timeout-headers": Symptom(
        "connect",
        False,
        "connected, or waiting for it, and no answer came",
        "Something between node and registry keeps the connection and answers nothing, or there is no way out at all.",
    ),
    "context-deadline": Symptom(
        "connect",
        False,
        "the pull was given up before it ended",
        "A limit of the runtime or the kubelet ran out. A slow network and a very large image look the same.",
    ),
    "connection-refused": Symptom(
        "connect",
        False,
        "the address refused the connection",
        "A machine is there, but nothing listens on that port: often a stale DNS record, or a wrong port.",
    ),
    "connection-reset": Symptom(
        "connect",
        False,
        "the connection was cut while in use",
        "A firewall, a proxy or an idle timer between node and registry broke a connection that had been made.",
    ),
    "connection-eof": Symptom(
        "connect",
        False,
        "the connection was closed without an answer",
        "What stands at that address closes the connection at once, as firewalls do with names they do not admit.",
    ),
    "network-unreachable": Symptom(
        "connect",
        False,
        "the node has no route to the address",
        "The node's own routing table has no way there: no default route, or an IPv6 address on a node without IPv6.",
    ),
    "proxy-error": Symptom(
        "connect",
        False,
        "the HTTP proxy failed",
        "The node sends its requests through a proxy, and the proxy could not be reached or refused to pass them on.",
    ),
    "tls-handshake-timeout": Symptom(
        "connect",
        True,
        "the TLS handshake does not finish",
        "Packets reach the address, but what inspects or forwards them on the way swallows the handshake.",
    ),
    "tls-unknown-authority": Symptom(
        "connect",
        True,
        "the certificate comes from an authority that the node does not trust",
        "A TLS-inspecting firewall or proxy answers in place of the registry, or the registry has its own authority.",
    ),
    "tls-hostname": Symptom(
        "connect",
        True,
        "the certificate is for another name",
        "The host in the image name is not the one the registry's certificate is made out to, or another machine "
        "answers.",
    ),
    "tls-cert-expired": Symptom(
        "connect",
        True,
        "the certificate is not valid at this time",
        "The certificate has ended or has not begun, or the node's clock is wrong.",
    ),
    "tls-http-mismatch": Symptom(
        "connect",
        True,
        "the registry speaks plain HTTP",
        "The runtime asks over HTTPS, and what answers does not. An Azure Container Registry always speaks HTTPS.",
    ),
    "forbidden-firewall": Symptom(
        "admit",
        True,
        "the registry's network rules refuse the address the node leaves from",
        "The quoted address is the true one. It is not in the registry's rules, or the public side is closed.",
    ),
    "forbidden-403": Symptom(
        "admit",
        False,
        "the registry refused the request (403)",
        "A 403 is about the network before it is about roles: the address is refused, or the state of the registry is.",
    ),
    "anonymous-token-401": Symptom(
        "authenticate",
        False,
        "the node asked without a credential",
        "The credential provider on the node produced nothing, so the runtime tried anonymously and was sent away.",
    ),
    "unauthorized-401": Symptom(
        "authenticate",
        False,
        "the credential was shown and refused",
        "Who asks is known to the registry, or claims to be, and may not pull; or the image does not exist.",
    ),
    "token-expired": Symptom(
        "authenticate",
        False,
        "Entra refuses the service principal's secret",
        "The secret has ended or was replaced. Every pull with this service principal fails until the cluster has a "
        "new one.",
    ),
    "registry-challenge-missing": Symptom(
        "authenticate",
        False,
        "the registry gave no login challenge",
        "What answered is not the registry's login: a closed public side, a proxy's page, or a wrong address.",
    ),
    "not-found-tag": Symptom(
        "manifest",
        False,
        "the registry has no such image",
        "The registry was reached and let the node in; the tag, the digest or the repository is not there.",
    ),
    "not-found-repository": Symptom(
        "manifest",
        False,
        "the repository is not there, or not for this credential",
        "Registries give one answer for both, so that nobody can find out names by asking.",
    ),
    "platform-mismatch": Symptom(
        "manifest",
        True,
        "the image has no variant for the node's system",
        "Windows and Linux, or amd64 and arm64, do not fit. A 401 beside it is the anonymous second try and means "
        "nothing.",
    ),
    "manifest-unsupported": Symptom(
        "manifest",
        False,
        "the runtime cannot read this kind of manifest",
        "The image has an outdated manifest, or the reference names something that is not an image (a chart, an "
        "artifact).",
    ),
    "signature-validation": Symptom(
        "manifest",
        False,
        "the image's signature was refused",
        "A policy on the node asks for a signature that the image lacks, or that another identity made.",
    ),
    "quarantined": Symptom(
        "manifest",
        False,
        "the image is quarantined or locked",
        "The registry holds the image back until it is released or unlocked. The same words refuse a push.",
    ),
    "rate-limited-429": Symptom(
        "manifest",
        True,
        "too many requests",
        "The registry counts requests and has had enough of them for now. It is not a matter of permissions.",
    ),
    "server-error-5xx": Symptom(
        "manifest",
        False,
        "the registry, or what stands before it, failed",
        "An error on the other side: an outage, a registry that cannot use its own key, or a proxy's own answer.",
    ),
    "bad-request-400": Symptom(
        "manifest",
        False,
        "the registry did not understand the request (400)",
        "The request was changed on the way, or carries a reference or credential in a form the registry does not "
        "take.",
    ),
    "layer-blob-timeout": Symptom(
        "layers",
        False,
        "the storage of the layers does not answer",
        "The registry itself answered. Its layers lie at another address, and the way there is closed.",
    ),
    "layer-blob-forbidden": Symptom(
        "layers",
        False,
        "the storage of the layers refused the request",
        "The registry itself answered. The storage behind it refuses the way or the time at which it is asked.",
    ),
    "layer-not-found": Symptom(
        "layers",
        False,
        "a layer of the image is gone",
        "The manifest is there, and a layer that it names is not: an unfinished copy, a clean-up, or a lagging "
        "replica.",
    ),
    "layer-corrupt": Symptom(
        "layers",
        False,
        "the bytes are not those that were promised",
        "The image was damaged when pushed, or something on the way changes or cuts what passes.",
    ),
    "layer-extract-failed": Symptom(
        "unpack",
        False,
        "a layer cannot be unpacked",
        "The image was brought to the node; the node cannot lay it out on its disk.",
    ),
    "disk-full": Symptom(
        "unpack",
        True,
        "the node's disk is full",
        "There is no room left for the image. It is not a matter of the registry.",
    ),
    "invalid-reference": Symptom(
        "kubelet",
        True,
        "the image name is not a valid reference",
        "The kubelet cannot read the name, so nothing was asked of any registry.",
    ),
    "image-never-pull": Symptom(
        "kubelet",
        True,
        "the pod forbids pulling, and the image is not on the node",
        "With imagePullPolicy Never the kubelet asks no registry.",
    ),
    "pull-qps": Symptom(
        "kubelet",
        True,
        "the kubelet's own limit on pulls was reached",
        "Too many pulls began on this node at once. The kubelet tries again by itself.",
    ),
    "secret-missing": Symptom(
        "kubelet",
        False,
        "a pull secret that the pod names is not there",
        "It is only a warning: the pull may still succeed with the kubelet identity.",
    ),
    "backoff-only": Symptom(
        "kubelet",
        False,
        "the kubelet waits before it tries again",
        "This line never holds the cause. The cause is in the earlier event with the reason Failed.",
    ),
    "exec-format": Symptom(
        "none",
        False,
        "the program in the image is for another processor",
        "The pull itself succeeded. An amd64 program runs on an arm64 node, or the reverse.",
    ),
    "unknown": Symptom(
        "none",
        False,
        "a pull failed, and the text does not say why",
        "The text was cut before the decisive words, or the tool that printed it keeps the reason to itself.",
    ),
    "not-a-pull-error": Symptom(
        "none",
        True,
        "no pull error in this text",
        "Nothing here says that an image could not be pulled.",
    ),
}
