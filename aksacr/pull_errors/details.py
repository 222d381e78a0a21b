"""What an attempt names: the status printed, the host asked, the address dialled, the resolver, the image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .addresses import is_address
from .patterns import lazily
from .phrases import words
from .references import Reference, is_host, parse_reference

if TYPE_CHECKING:
    from .attempts import Attempt

_STATUS = (
    lazily(
        r"(?:unexpected (?:http )?status(?: code)?|error status|status code|response code|with status(?: code)?"
        r"|response status(?: code)?|issue a valid aad challenge, status|未預期狀態|未预期状态|意外状态)"
        r"[a-z\s:='\"\]\[]{0,60}?([1-5]\d\d)(?!\.?\w)"
    ),
    lazily(
        r"\b([45]\d\d) (?:unauthorized|forbidden|too many requests|not found|bad request|internal server error"
        r"|bad gateway|service (?:temporarily )?unavailable|gateway time|server error)"
    ),
    lazily(
        r"\bhttp (?:status )?(?:code )?([45]\d\d)(?!\.?\w)|\bhttp/[12](?:\.\d)? ([45]\d\d)\b"
        r"|\bstatus:? ([45]\d\d)(?!\.?\w)"
    ),
)
# The engine's own answer to its client, not the registry's.
_ENGINE_STATUS = lazily(r"\(http code \d{3}\)|api error \(\d{3}\)|status code ?= ?[a-z]+")
_LOOKUP = lazily(
    r"(?:^|[\s:(\"'=])lookup\s{1,4}(?!to\b)([^\s:,\"']{1,253})(?::(?=\s|$)|\.?(?=[\s,\"']|$))"
    r"(?:\s{1,4}on\s{1,4}([^\s,]{1,64}))?"
)
_DIALLED = lazily(
    r"(?:dial|connect) (?:tcp|udp)[46]?:?\s{0,3}(\[[^\]\s]{2,64}\]|<[^>]{1,64}>|[^\s:\[<]{1,64}):\s?[\d*xX#<]"
)
_READ_FROM = lazily(
    r"(?:read|write) (?:tcp|udp)[46]?\s{0,3}[^\s>]{1,80}->\s?(\[[^\]\s]{2,64}\]|<[^>]{1,64}>|[^\s:\[<]{1,64}):[\d*xX#<]"
)
_REFUSED_CLIENT = lazily(r"client with ip\s{0,3}(?:'([^']{1,64})'|\"([^\"]{1,64})\"|([^\s,'\"]{1,64}))", re.IGNORECASE)
_ASKED = lazily(
    r"\b(?:Get|Head|Post|GET|HEAD|POST) \"?(?:https?:/{1,3})?"
    r"(<[\w.-]{1,64}>|[\w*-]{1,63}(?:\.[\w*-]{1,63}){1,6}(?::\d{1,5})?)(?=[/\":\s])"
)
_NAMED_HOST = (
    lazily(
        r"(?:registry|acr|fqdn|login server|login server is|pinging container registry|hostname|host) ['\"]?"
        r"([\w.*-]{1,200}\.[\w.*-]{2,60}(?::\d{1,5})?)['\"]?"
        r"(?=[\s:,'\")]|\.?(?:\s|$))",
        re.IGNORECASE,
    ),
    lazily(r"(?:resolution|cname|acr|dns) \(([\w.*-]{1,200}\.[\w.*-]{2,60})\)", re.IGNORECASE),
    lazily(r"DNS lookup to ([\w.*-]{1,253}) at"),
    lazily(r"host='([\w.*-]{1,253})'"),
)
_DAMAGED_REFERENCE = lazily(r"[\"<]{1,4}([\w*-]{1,63}(?:\.[\w*-]{1,63}){1,6}(?::\d{1,5})?)/")
_ANY_REGISTRY = lazily(
    r"(?:[\w*-]{1,64}|<[\w.-]{1,64}>)(?:\.[\w*-]{1,64}){0,4}\.azurecr\.(?:io|cn|us|de)\b", re.IGNORECASE
)
_QUOTED_IMAGE = lazily(
    r"(?:image(?: name| reference| tag| with reference)?|images|reference|pullimage|repository|invalid value:"
    r"|manifest for|denied for|pull of|pulling|映射|映像|镜像|參考|参考)\s{0,3}[:=]?\s{0,3}"
    r"[\"'`]([^\"'`]{1,512})[\"'`]",
    re.IGNORECASE,
)
_BARE_IMAGE = (
    lazily(r"pull(?:ing)? image ([^\s\"'`,;]{1,512}?):?(?=[\s,;]|$)", re.IGNORECASE),
    lazily(r"pull(?:ing)? image: ([^\s\"'`,;]{1,256}[/:][^\s\"'`,;]{1,256}?):?(?=[\s,;]|$)", re.IGNORECASE),
    lazily(r"image pull failed for ([^\s\"'`,;]{1,512}?):?(?=[\s,;]|$)", re.IGNORECASE),
    lazily(r"manifest for ([^\s\"'`,;]{1,512}) not found", re.IGNORECASE),
    lazily(r"access denied for ([^\s\"'`,;]{1,512}?)[,:]?(?=\s|$)", re.IGNORECASE),
    lazily(r"repository ([^\s\"'`,;]{1,512}) not found", re.IGNORECASE),
    lazily(r"\bimage ([^\s\"'`,;]{1,512}) not found", re.IGNORECASE),
    lazily(r"\bpull for (?:image )?([^\s\"'`,;]{1,512}) failed", re.IGNORECASE),
    lazily(r"(?:docker|crictl|podman|nerdctl) pull ([^\s\"'`,;-][^\s\"'`,;]{0,512})", re.IGNORECASE),
    lazily(r"\bimage=([^\s\"'`,;]{1,512})"),
    lazily(r"^\s{0,20}(?:- )?image:\s{1,20}([^\s\"'`,;]{1,512})\s*$", re.IGNORECASE),
    lazily(r"for image ([^\s\"'`,;]{1,512}?)[,:]?(?=\s|$)", re.IGNORECASE),
)


def status_of(attempt: Attempt) -> int | None:
    """The number that the registry (or the storage behind it) printed, never the container engine's own."""
    low = attempt.said.low
    if not any(digit in low for digit in "45"):
        return None
    low = _ENGINE_STATUS().sub(" ", low)
    for pattern in _STATUS:
        if found := pattern().search(low):
            return int(next(group for group in found.groups() if group))
    return None


def lookup_of(attempt: Attempt) -> tuple[str, str | None] | None:
    """The name that was looked up and the resolver asked, where the text tells of a lookup."""
    found = None
    for match in _LOOKUP().finditer(attempt.text):
        found = match
    if found is None:
        return None
    resolver = found[2].rstrip(":").rpartition(":")[0].strip("[]") if found[2] else None
    return found[1].rstrip("."), resolver or None


def address_of(attempt: Attempt) -> str | None:
    """The client address a firewall quotes, else the address dialled or read from. A resolver's address is neither."""
    if refused := _REFUSED_CLIENT().search(attempt.text):
        quoted = "".join((refused[1] or refused[2] or refused[3]).split()).rstrip(".,;)")
        inner = quoted[1:-1] if quoted[:1] == "<" and quoted[-1:] == ">" else quoted
        return inner if is_address(inner) else quoted if is_address(quoted) else None
    found = None
    for pattern in (_DIALLED, _READ_FROM):
        for match in pattern().finditer(attempt.text):
            found = match
        if found is not None:
            break
    if found is None:
        return None
    address = found[1].strip("[]")
    return address if is_address(address) else None


def host_of(attempt: Attempt, image: Reference | None, *, looked_up: bool) -> str | None:
    """The host of the request that failed; where no request is shown, the registry that the text names."""
    if looked_up and (lookup := lookup_of(attempt)) and is_host(lookup[0]):
        return lookup[0]
    if attempt.url is not None and is_host(attempt.url.host):
        return attempt.url.host
    if (lookup := lookup_of(attempt)) and is_host(lookup[0]):
        return lookup[0]
    if (asked := _ASKED().search(attempt.text)) and is_host(asked[1]) and (image is None or image.host is None):
        return asked[1]
    named = named_host(attempt.text)
    if named is not None and (image is None or image.host is None):
        return named
    if image is not None and image.host is not None:
        return image.host
    return named_host(attempt.record) or _registry_in(attempt.record)


def named_host(text: str) -> str | None:
    """The registry that a sentence names, as canipull, az and Container Apps write it."""
    for pattern in _NAMED_HOST:
        for found in pattern().finditer(text):
            if is_host(found[1]) and not found[1].replace(".", "").isdigit():
                return found[1]
    return None


def image_of(text: str, *, wrapped: bool) -> Reference | None:
    """The first image that the text says is being pulled."""
    first: tuple[int, Reference] | None = None
    for match in _QUOTED_IMAGE().finditer(text):
        written = "".join(match[1].split()) if wrapped else match[1]
        reference = parse_reference(written)
        if reference is not None and _is_no_word(reference, quoted=True):
            first = (match.start(1), reference)
            break
    for pattern in _BARE_IMAGE:
        for match in pattern().finditer(text):
            reference = parse_reference(match[1].rstrip(":."))
            if (
                reference is not None
                and _is_no_word(reference, quoted=False)
                and (first is None or match.start(1) < first[0])
            ):
                first = (match.start(1), reference)
                break
    return None if first is None else first[1]


def refused_reference(text: str) -> str | None:
    """The name that the kubelet could not read as a reference, as it was printed."""
    found = _QUOTED_IMAGE().search(text)
    return found[1] if found is not None and "\n" not in found[1] and len(found[1]) < 256 else None


def _is_no_word(reference: Reference, *, quoted: bool) -> bool:
    """`failed to pull image from service` names no image: an unquoted word needs a tag, a path or a digest."""
    if quoted or reference.tag or reference.digest or "/" in reference.text:
        return True
    return reference.text not in _COMMON_WORDS


_COMMON_WORDS = words(
    "a an and because by configuration error errors failed for from has image in is it not of on or policy pull "
    "reference "
    "registry rpc secret secrets service that the this to was with could cannot name does"
)


def _registry_in(text: str) -> str | None:
    if (found := _DAMAGED_REFERENCE().search(text)) and is_host(found[1]):
        return found[1]
    registry = _ANY_REGISTRY().search(text)
    return registry[0] if registry else None
