"""The wordings of kubelet, containerd, docker, CRI-O, Windows, az and canipull, and the symptom each stands for.

Order matters: the first that fits decides. A *shared* wording is one that other programs use, too; it counts only in a
record that speaks of a pull (`context.py`). Phrases are lower case and are looked for as they stand, never as patterns.
"""

from __future__ import annotations

from typing import NamedTuple

from .phrases import phrases


class Wording(NamedTuple):
    """A symptom and how it is said: one of `any_of`, all of `all_of`, none of `none_of`.

    `vague`: a wrapper's guess, which any other failure in the text outweighs.
    """

    symptom: str
    any_of: tuple[str, ...]
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    shared: bool = False
    alternatives: tuple[str, ...] = ()
    vague: bool = False


# Before anything about the network: the registry's firewall, what the kubelet says, what is in the image.
# Azure SQL says "Client with IP address '…'"; the registry leaves "address" out.
BEFORE_NETWORK = (
    Wording("forbidden-firewall", ("client with ip",), none_of=("client with ip address",)),
    Wording(
        "platform-mismatch",
        phrases(
            "no match for platform | no matching manifest for | no image found in manifest list for | "
            "no image found in image index for | does not match the specified platform | "
            "cannot be used on this platform | does not match the host operating system | "
            "-based image is incompatible with | 清單中的平臺不相符 | 清單中的平台不相符 | 清單中的平臺沒有相符 | "
            "清單中的平台沒有相符 | 清单中的平台不匹配 | 清单中没有匹配的平台"
        ),
    ),
    Wording("image-never-pull", phrases("errimageneverpull | pull policy of never")),
    Wording("pull-qps", ("pull qps exceeded",)),
    Wording(
        "invalid-reference",
        phrases(
            "invalidimagename | couldn't parse image | could not parse image | invalid reference format | "
            "name must be lowercase | failed to parse image reference | failed to apply default image tag"
        ),
    ),
    Wording(
        "signature-validation",
        phrases(
            "signaturevalidationfailed | source image rejected | signature validation failed | a signature was required"
        ),
    ),
    Wording("signature-validation", ("image verifier",), all_of=("blocked pull",)),
    Wording(
        "quarantined",
        phrases("image_quarantined | registry_disallowed_operation | operation is disallowed | image is quarantined"),
        alternatives=("not-found-tag",),
    ),
    Wording(
        "manifest-unsupported",
        phrases(
            "is no longer supported since containerd | unsupported image manifest | unsupported media type | "
            "unsupported manifest | unknown manifest type | unexpected media type | mediatype in manifest should be | "
            "missing signature key | accept header does not support oci | unsupported schema version | "
            "manifest.v1+prettyjws | media type is not supported | manifest schema unsupported"
        ),
        alternatives=("not-found-tag",),
    ),
    Wording("disk-full", ("low on resource: ephemeral-storage",)),
    Wording("disk-full", phrases("no space left on device | not enough space on the disk"), shared=True),
    Wording(
        "layer-corrupt",
        phrases(
            "failed size validation | unexpected commit size | unexpected commit digest | layer verification failed | "
            "mismatched image rootfs and manifest layers"
        ),
    ),
    Wording(
        "layer-extract-failed",
        phrases(
            "failed to register layer | failed to extract layer | hcsshim::importlayer | hcsshim::processbaselayer | "
            "hcsshim::processutilityvm | hcsshim::createlayer | hcsshim::expandlayer | error processing tar file | "
            "failed to unpack image on | failed to apply layer | failed to prepare extraction"
        ),
    ),
    Wording("exec-format", ("exec format error",)),
    Wording(
        "token-expired",
        phrases("aadsts7000222 | aadsts7000215"),
        none_of=("key vault",),
        alternatives=("unauthorized-401",),
    ),
    Wording("unauthorized-401", ("insufficient scopes to perform",), alternatives=("not-found-repository",)),
    Wording(
        "not-found-repository",
        phrases(
            "pull access denied | does not exist or no pull access | insufficient_scope: authorization failed | "
            "repository name not known | name_unknown | requested access to the resource is denied"
        ),
        none_of=phrases("unauthorized: authentication required | anonymous token"),
        alternatives=("unauthorized-401",),
    ),
)

# What the runtime says of the connection, after proxies, lookups and timeouts (see classify.py).
TLS = (
    Wording(
        "tls-http-mismatch",
        phrases("http response to https client | first record does not look like a tls handshake"),
        shared=True,
    ),
    Wording(
        "tls-cert-expired", phrases("certificate has expired | is not yet valid | certificate is expired"), shared=True
    ),
    Wording(
        "tls-hostname",
        phrases(
            "certificate is valid for | not valid for any names | legacy common name | cannot validate certificate "
            "for | "
            "certificate is not valid for | doesn't match either of | hostname mismatch"
        ),
        shared=True,
    ),
    Wording(
        "tls-unknown-authority",
        phrases(
            "signed by unknown authority | self-signed certificate | self signed certificate | "
            "connectivity_ssl_error | "
            "unable to get local issuer | certificate is not trusted | certificate verify failed"
        ),
        shared=True,
    ),
    Wording("tls-handshake-timeout", ("tls handshake timeout",), shared=True),
)

CONNECTION = (
    Wording("connection-refused", phrases("connection refused | actively refused"), shared=True),
    Wording(
        "connection-reset",
        phrases(
            "connection reset by peer | forcibly closed | connection was aborted | broken pipe | connection aborted | "
            "client connection lost"
        ),
        shared=True,
    ),
    Wording(
        "network-unreachable",
        phrases("no route to host | network is unreachable | unreachable host | unreachable network"),
        shared=True,
    ),
)

# Refusals in the words of the registry, docker and az, which may print no number.
REFUSALS = (
    Wording(
        "rate-limited-429",
        phrases(
            # With its colon, the error code of the distribution API as docker and containerd print it; containerd
            # writes "unexpected status" of registries alone.
            "pull rate limit | connectivity_toomanyrequests | toomanyrequests: | unexpected status: 429 | "
            "unexpected status code: 429 | unexpected status code 429"
        ),
    ),
    Wording("rate-limited-429", phrases("toomanyrequests | too many requests"), shared=True),
    Wording(
        "layer-blob-forbidden",
        phrases("authorizationfailure | not authorized to perform this operation"),
        shared=True,
        alternatives=("forbidden-403",),
    ),
    Wording(
        "forbidden-403",
        phrases("operation is not allowed on this registry | connectivity_forbidden_error | imagepullforbidden"),
        alternatives=("unauthorized-401",),
    ),
    Wording("layer-not-found", phrases("blob unknown | blob_unknown")),
    Wording(
        "unauthorized-401",
        ("imagepullunauthorized",),
        alternatives=("forbidden-403", "forbidden-firewall"),
        vague=True,
    ),
    # A registry that was asked without a right says the same of an image that is not there (azure-docs#18858).
    Wording(
        "unauthorized-401",
        ("unauthorized: authentication required",),
        none_of=("anonymous token",),
        alternatives=("not-found-tag",),
    ),
    Wording(
        "unauthorized-401",
        phrases(
            "no basic auth credentials | invalid clientid or client secret | "
            "client id must be guid | application not registered with aad | "
            "unable to get aad authorization tokens | admin user is disabled | connectivity_refresh_token_error | "
            "connectivity_access_token_error"
        ),
        none_of=phrases("proxy authentication required | anonymous token"),
    ),
    Wording(
        "unauthorized-401",
        phrases(
            "unauthorized: | : unauthorized | authentication required | incorrect username or password | "
            "insufficient scopes"
        ),
        none_of=phrases("proxy authentication required | anonymous token"),
        shared=True,
    ),
    Wording("unauthorized-401", ("aadsts",), all_of=("rejected token",)),
    Wording("unauthorized-401", ("aadsts",), all_of=("sign in to aad failed",)),
    Wording(
        "registry-challenge-missing",
        phrases(
            "connectivity_challenge_error | did not issue a challenge | issue a valid aad challenge | "
            "connectivity_www_authenticate | connectivity_aad_login_error"
        ),
    ),
)

NOT_FOUND = (
    Wording(
        "not-found-tag",
        phrases("manifest unknown | manifest_unknown | manifest tagged by | not found in repository"),
        alternatives=("not-found-repository",),
    ),
    Wording(
        "forbidden-403",
        phrases("denied:  | access forbidden"),
        none_of=("denied: client",),
        shared=True,
        alternatives=("unauthorized-401", "forbidden-firewall"),
    ),
    Wording(
        "not-found-tag",
        phrases("not found in registry | image not found or access denied"),
        alternatives=("not-found-repository", "unauthorized-401", "forbidden-403"),
        vague=True,
    ),
)

GIVEN_UP = (
    Wording(
        "context-deadline", phrases("context canceled | context cancelled | context deadline exceeded"), shared=True
    ),
    # The status code stands at the beginning; a text that goes on to a request was cut before it said more.
    Wording(
        "context-deadline",
        phrases("code = canceled | code = deadlineexceeded | deadline exceeded"),
        none_of=phrases("failed to do request | dial tcp | failed to copy"),
        shared=True,
    ),
)

# Lines that tell that something failed, but never why.
WITHOUT_A_CAUSE = (
    Wording("backoff-only", phrases("imagepullbackoff | back-off pulling image | trying and failing to pull image")),
    Wording("secret-missing", ("failedtoretrieveimagepullsecret",)),
    Wording("secret-missing", ("unable to retrieve",), all_of=("pull secret",)),
)
