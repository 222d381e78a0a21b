"""Whether a piece of text speaks of an image pull at all: the words that say so, and those of other troubles.

`no such host`, `i/o timeout`, `x509` and `403` come from every program that speaks to a network. They are read as pull
errors only where the same record names a pull, a registry or a registry's URL, and no other trouble.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .patterns import lazily
from .phrases import phrases
from .references import misses_acr_suffix

if TYPE_CHECKING:
    from .phrases import Said

# Words that only a pull produces, or a tool that tests one.
_STRONG = phrases(
    "pull image | pulling image | pulling from | pull and unpack image | unpack image | resolve reference | "
    "resove reference | failed to resolve image | image pull | imagepull | errimage | pullimage | error pulling "
    "image | "
    "docker pull | crictl pull | podman pull | nerdctl pull | ctr pull | pull access denied | pull permission | "
    "pinging container registry | httpreadseeker | httpreaderseeker | content descriptor | sandbox image | "
    "/v2/ | /manifests/ | /blobs/sha256 | oauth2/token? | oauth2/exchange | token exchange | fetch anonymous token | "
    "failed to fetch oauth token: | trying to pull | from daemon: manifest | from daemon: get | from daemon: "
    "head | credential provider | "
    'invalid value: " | '
    "failed to register layer | failed to extract layer | connectivity_ | registry did not issue | docker_pull_error | "
    "host name resolution ( | specified fqdn | cname of the acr | container registry | initializing source | "
    "reading manifest | 無法提取 | 無法擷 | 無法拉取 | 无法拉取 | 无法提取 | 拉取映像 | 拉取镜像"
)
# Words that a pull error may hold, and other texts, too.
_WEAK = phrases(
    "azurecr. | mcr.microsoft.com | docker.io | quay.io | ghcr.io | gcr.io | registry.k8s.io | //registry. | "
    "dockerapiexception | docker api responded | failed to do request: head | failed to copy: | aka.ms/acr | docker "
    "login | az acr | "
    "failed to authorize: | docker registry | image configuration | validating managed identity | to the registry | "
    "validating service principal | sign in to aad failed | rejected token | registry ' | login server"
)
# Troubles of their own, whatever words they share with a pull. They win over weak words.
_FOREIGN = phrases(
    "back-off restarting | crashloopbackoff | oomkilled | failedscheduling | failedmount | failedattachvolume | "
    "attachvolume | unable to attach or mount | unable to mount volumes | bind mount | invalid mount config | "
    "createcontainerconfigerror | failed to create containerd task | failed to create shim task | oci runtime | "
    "failed to setup network | plugin type= | networkplugin | failed to set up pod | error looking up service "
    "account | "
    "exit status= | :10250 | aadsts5 | aadsts65 | aadsts16 | keyvault"
)
# A probe, a webhook or a mount keeps its own trouble even where a strong word stands beside it.
_ALWAYS_FOREIGN = phrases(
    "liveness probe | readiness probe | startup probe | calling webhook | admission webhook | mountvolume | "
    "nodes are available | unable to connect to the server | vault.azure.net | key vault | containerlogs | "
    "plugin/errors | traceback (most recent call last) | bind source path"
)
_HOST_ASKED = lazily(r"(?:\blookup |://)([a-z0-9.-]{1,253})")
_SIGN_IN = phrases("aadsts | sts.windows.net | login.microsoftonline")
_SURELY_PULLED = phrases(
    "failed to pull | failed pulling | pull and unpack image | error pulling image | errimagepull | imagepullbackoff"
)
_FAILED_PULL = phrases(
    "failed to pull | failed pulling | pull image failed | pulling image failed | image pull failed | unable to pull | "
    "error pulling image | pull image error | failed to resolve reference | failed to resove reference | "
    "failed to resolve image | image pull errors | inaccessibleimage | is not accessible. please | imagepullfailure | "
    "imagepullerror | imageinspecterror | registryunavailable | registry is unavailable | failed to copy: http | "
    "failed to do request: head | pull permission: failed | from image service failed | pinging container registry | "
    "pull and unpack image | from daemon: get | from daemon: head | cannot pull | "
    "fetch anonymous token | rejected token exchange | failed to authorize: | docker_pull_error | "
    "failed to download image | pullimage from image service | 無法提取 | 無法擷 | 無法拉取 | 无法拉取 | 无法提取"
)
_REGISTRY_DIAL = phrases('"message":"get | "message":"head')


def speaks_of_a_pull(said: Said) -> bool:
    """Whether a record is about a pull, so that words shared with other programs may be read in it."""
    if said.has_any(_STRONG):
        return not said.has_any(_ALWAYS_FOREIGN) or said.has_any(_SURELY_PULLED)
    named = said.has_any(_WEAK) or _asks_a_misspelt_registry(said)
    return named and not said.has_any(_FOREIGN) and not said.has_any(_ALWAYS_FOREIGN)


def _asks_a_misspelt_registry(said: Said) -> bool:
    return any(misses_acr_suffix(found[1].rstrip(".")) for found in _HOST_ASKED().finditer(said.low))


def tells_of_other_trouble(text: str) -> bool:
    """Whether a text also tells of something that is no pull, so that its parts must not be read together."""
    low = text.lower()
    return any(word in low for word in (*_ALWAYS_FOREIGN, *_FOREIGN, *_SIGN_IN))


def names_a_failed_pull(said: Said) -> bool:
    """Whether a record says that a pull failed, even if it does not say why."""
    if said.has_any(_FAILED_PULL):
        return not said.has_any(_ALWAYS_FOREIGN) or said.has_any(_SURELY_PULLED)
    return said.has("dockerapiexception") and said.has_any(_REGISTRY_DIAL)
