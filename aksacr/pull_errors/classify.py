"""One attempt → its symptom: what the text says, in the order in which its words decide (see docs/pull-errors.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from . import wordings
from .addresses import kind_of
from .context import names_a_failed_pull
from .details import address_of, lookup_of, status_of
from .patterns import lazily
from .phrases import phrases
from .references import is_storage_host

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .attempts import Attempt
    from .phrases import Said
    from .wordings import Wording

NOT_A_PULL_ERROR = "not-a-pull-error"
UNKNOWN = "unknown"
BACKOFF_ONLY = "backoff-only"
SECRET_MISSING = "secret-missing"  # noqa: S105 - a symptom, not a secret
ANONYMOUS = "anonymous-token-401"

_TIMEOUT = phrases(
    "i/o timeout | connection timed out | operation timed out | connection attempt failed | did not properly respond | "
    "connect timeout | connecttimeouterror | i/o 逾時 | i/o 超时"
)
_HEADERS = phrases("client.timeout | awaiting headers | awaiting response headers | while waiting for connection")
_NO_SUCH_NAME = phrases(
    "no such host | name or service not known | nodename nor servname | getaddrinfo failed | connectivity_dns_error | "
    "failed to reach dns for registry | no address associated with | nxdomain | could not resolve host"
)
_RESOLVER_FAILED = phrases(
    "server misbehaving | temporary failure in name resolution | temporary error during hostname | dns message"
)
# EAI_AGAIN in musl's words. Registries, too, ask their clients to try again: there it says nothing of names.
_RESOLVER_TRIES_AGAIN = lazily(
    r"\blookup [^\s,]{1,253}(?: on [^\s,]{1,80})?:? try again|\[errno -3\] try again|eai_again"
)
_RESOLVER_REFUSED = phrases("connection refused | network is unreachable | no route to host | operation not permitted")
_PROXY = phrases("proxyconnect | proxy authentication required | cannot connect to proxy | tunnel connection failed")
_ANONYMOUS_TOKEN = phrases("anonymous token | 匿名令牌 | 匿名權杖 | 匿名 token")
_NAMES_A_REASON = phrases("failed to pull | pull and unpack image | failed to resolve | from daemon:")
# All that some tools hand on of a registry's answer; in a longer text the words may be of any service.
_IS_429_ALONE = lazily(r"(?:error:? |http |http/\d(?:\.\d)? )?429:? too many requests[.!]?")
_EOF = lazily(r"(?<![\w.-])(?:unexpected )?eof(?![\w.-])")
_PORT_53 = lazily(r":53(?::|\s|->)")
_NOT_FOUND = lazily(r"(?::|\bis|\bwas|\bref\"?|\S)\s{0,3}not found(?![\w-])|找不到")
_ENDS_NOT_FOUND = lazily(r"(?::|\.\.)\s?not found[\s\"'.\]}]{0,8}$")
_MANIFEST_NOT_FOUND = lazily(r"\bmanifest\b.{0,600}?\bnot found(?![\w-])")


class Reading(msgspec.Struct, frozen=True):
    """A symptom and the others that the same words allow. `vague`: any other failure in the text outweighs it."""

    symptom: str
    alternatives: tuple[str, ...] = ()
    vague: bool = False


def classify(attempt: Attempt, *, of_a_pull: bool) -> Reading:
    """What the attempt says. `of_a_pull`: its record speaks of a pull, so that words shared with others count."""
    said = attempt.said
    if found := _first(wordings.BEFORE_NETWORK, said, of_a_pull):
        return found
    if of_a_pull:
        for step in _NETWORK:
            if reading := step(attempt):
                return reading
    if _IS_429_ALONE().fullmatch(said.low):
        return Reading("rate-limited-429")
    for wording in (*wordings.REFUSALS, *wordings.NOT_FOUND):
        if _fits(wording, said, of_a_pull):
            return Reading(wording.symptom, wording.alternatives, wording.vague)
    if of_a_pull and (reading := _not_found(attempt) or _given_up(said)):
        return reading
    return _without_a_cause(attempt, of_a_pull=of_a_pull)


def _without_a_cause(attempt: Attempt, *, of_a_pull: bool) -> Reading:
    said = attempt.said
    failed = names_a_failed_pull(said)
    weak = _first(wordings.WITHOUT_A_CAUSE, said, of_a_pull)
    if weak is not None and not (weak.symptom == BACKOFF_ONLY and said.has_any(_NAMES_A_REASON)):
        return weak
    if said.has("errimagepull") and not said.has("errimagepull:"):
        return Reading(BACKOFF_ONLY)
    if failed or (of_a_pull and said.has("errimagepull")):
        return Reading(UNKNOWN, still_possible(attempt))
    return Reading(NOT_A_PULL_ERROR)


def still_possible(attempt: Attempt) -> tuple[str, ...]:
    """What a text that was cut before the decisive words still allows, by how far it came."""
    low = attempt.said.low
    for words, symptoms in _CUT_AFTER:
        if words in low:
            return symptoms
    return ()


_CUT_AFTER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lookup", ("dns-nxdomain", "dns-timeout", "dns-server-failure")),
    ("dial tcp", ("timeout-public-ip", "timeout-private-ip", "connection-refused", "dns-nxdomain", "dns-timeout")),
    ("x509", ("tls-unknown-authority", "tls-hostname", "tls-cert-expired")),
    ("anonymous token", ("anonymous-token-401", "forbidden-403")),
    ("oauth token", ("unauthorized-401", "forbidden-403")),
    ("unexpected status", ("server-error-5xx", "forbidden-403", "rate-limited-429", "unauthorized-401")),
    ("token exchange", ("unauthorized-401", "forbidden-403")),
    ("failed to authorize", ("unauthorized-401", "anonymous-token-401", "forbidden-403")),
    (
        "failed to do request",
        ("dns-nxdomain", "timeout-public-ip", "timeout-private-ip", "timeout-headers", "connection-eof"),
    ),
    ("failed to copy", ("layer-blob-timeout", "layer-blob-forbidden", "connection-reset", "connection-eof")),
    ("code = notfound", ("not-found-tag", "not-found-repository", "platform-mismatch")),
    ("not accessible", ("unauthorized-401", "not-found-tag", "not-found-repository", "forbidden-403")),
    ("pull permission: failed", ("unauthorized-401", "forbidden-403")),
    ("failed to resolve", ("not-found-tag", "unauthorized-401", "forbidden-403", "dns-nxdomain", "timeout-public-ip")),
    ("imagepullfailure", ("not-found-tag", "unauthorized-401", "forbidden-403")),
)


def _proxy(attempt: Attempt) -> Reading | None:
    return Reading("proxy-error") if attempt.said.has_any(_PROXY) else None


def _name(attempt: Attempt) -> Reading | None:
    """A lookup that failed. It comes before the address: `lookup` before `i/o timeout` means the resolver."""
    said = attempt.said
    if said.has_any(_NO_SUCH_NAME):
        return Reading("dns-nxdomain")
    if said.has_any(_RESOLVER_FAILED) or _RESOLVER_TRIES_AGAIN().search(said.low):
        return Reading("dns-server-failure")
    asked_resolver = lookup_of(attempt) is not None or _PORT_53().search(said.low) is not None or said.has("lookup ref")
    if not asked_resolver:
        return None
    if said.has_any(_TIMEOUT):
        return Reading("dns-timeout")
    return Reading("dns-server-failure") if said.has_any(_RESOLVER_REFUSED) else None


def _certificate(attempt: Attempt) -> Reading | None:
    found = _first(wordings.TLS, attempt.said, of_a_pull=True)
    if found and _fetches_a_layer(attempt):
        return Reading(found.symptom, ("layer-blob-timeout",) if found.symptom == "tls-handshake-timeout" else ())
    return found


def _timeout(attempt: Attempt) -> Reading | None:
    said = attempt.said
    dialled, headers = said.has_any(_TIMEOUT), said.has_any(_HEADERS)
    if not dialled and not headers:
        return None
    address = address_of(attempt)
    private = kind_of(address) in {"private", "loopback"}
    by_address = "timeout-private-ip" if private else "timeout-public-ip"
    if attempt.asks_storage:
        return Reading("layer-blob-timeout", (by_address if dialled else "timeout-headers",))
    if not dialled:
        return Reading("timeout-headers")
    unsure = () if private or kind_of(address) == "public" else ("timeout-private-ip",)
    return Reading(by_address, (*unsure, *(("layer-blob-timeout",) if _fetches_a_layer(attempt) else ())))


def _connection(attempt: Attempt) -> Reading | None:
    found = _first(wordings.CONNECTION, attempt.said, of_a_pull=True)
    if found is None and _EOF().search(attempt.said.low):
        found = Reading("connection-eof", ("layer-blob-forbidden",) if attempt.asks_storage else ())
    if found and found.symptom == "connection-reset" and _fetches_a_layer(attempt):
        return Reading(found.symptom, ("layer-blob-timeout",))
    return found


def _status(attempt: Attempt) -> Reading | None:
    status = status_of(attempt)
    if status is None or attempt.said.has("aadsts"):
        return None
    if status == 403:
        return _forbidden(attempt)
    if status == 401:
        return Reading(ANONYMOUS if attempt.said.has_any(_ANONYMOUS_TOKEN) else "unauthorized-401")
    if status == 404:
        return _absent(attempt)
    if status == 429:
        return Reading("rate-limited-429")
    if status == 400:
        return Reading("bad-request-400")
    return Reading("server-error-5xx") if status in range(500, 600) else None


def _forbidden(attempt: Attempt) -> Reading:
    said = attempt.said
    stored = attempt.url is not None and is_storage_host(attempt.url.host)
    if stored or said.has("authorizationfailure") or said.has("image configuration"):
        return Reading("layer-blob-forbidden", ("forbidden-403",))
    if said.has("connectivity_refresh_token") or said.has("connectivity_access_token"):
        return Reading("forbidden-403", ("unauthorized-401",))
    if said.has("token exchange"):
        return Reading("forbidden-403", ("unauthorized-401", "forbidden-firewall"))
    return Reading("forbidden-403", ("forbidden-firewall",))


def _absent(attempt: Attempt) -> Reading:
    url = attempt.url
    if attempt.asks_storage or (url is not None and url.is_layer):
        return Reading("layer-not-found")
    if url is not None and not url.is_token:
        return Reading("not-found-tag", ("not-found-repository",))
    return Reading("not-found-repository", ("not-found-tag",))


def _not_found(attempt: Attempt) -> Reading | None:
    said = attempt.said
    if not _NOT_FOUND().search(said.low):
        return None
    if said.has("content descriptor") or said.has("failed to copy"):
        of_manifest = said.has("distribution.manifest.") or said.has("image.manifest.") or said.has("image.index.")
        asks_manifest = attempt.url is not None and "/manifests/" in attempt.url.path
        return Reading("not-found-tag" if of_manifest or asks_manifest else "layer-not-found")
    resolving = (
        said.has("failed to resolve") or said.has("resove reference") or said.has("無法解析") or said.has("无法解析")
    )
    pulling = said.has("failed to pull") and _ENDS_NOT_FOUND().search(said.low) is not None
    if resolving or pulling or _MANIFEST_NOT_FOUND().search(said.low):
        return Reading("not-found-tag", ("not-found-repository",))
    return None


def _given_up(said: Said) -> Reading | None:
    return _first(wordings.GIVEN_UP, said, of_a_pull=True)


_NETWORK: tuple[Callable[[Attempt], Reading | None], ...] = (
    _proxy,
    _name,
    _certificate,
    _timeout,
    _connection,
    _status,
)


def _fetches_a_layer(attempt: Attempt) -> bool:
    return attempt.said.has("failed to copy") or attempt.asks_storage


def _first(listed: Sequence[Wording], said: Said, of_a_pull: bool) -> Reading | None:
    for wording in listed:
        if _fits(wording, said, of_a_pull):
            return Reading(wording.symptom, wording.alternatives, wording.vague)
    return None


def _fits(wording: Wording, said: Said, of_a_pull: bool) -> bool:
    if wording.shared and not of_a_pull:
        return False
    if not said.has_any(wording.any_of):
        return False
    return all(said.has(phrase) for phrase in wording.all_of) and not said.has_any(wording.none_of)
