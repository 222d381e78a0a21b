"""What follows from an error: what the text leaves open, and the command that finds it out."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from .references import is_acr_host, misses_acr_suffix, parse_reference

if TYPE_CHECKING:
    from .model import PullError, Stage

STAGES: tuple[Stage, ...] = ("resolve", "connect", "admit", "authenticate", "manifest", "layers", "unpack")
_LEFT_OPEN = {
    "unauthorized-401": "whose credential was shown, whether its role counts in the registry's permission mode, "
    "and whether the image exists",
    "anonymous-token-401": "why the node had no credential: no role, no identity on the node, a host it does not "
    "know, or a pull secret that does not fit",
    "forbidden-403": "which address the node came from, and whether it should have come by a private endpoint",
    "token-expired": "which service principal it is that the cluster holds, and when its secrets end",
    "timeout-private-ip": "where the packets are lost: peering, route, security rule or firewall",
    "timeout-public-ip": "where the packets are lost, and whether the name should have resolved to a private address",
    "timeout-headers": "what on the way keeps the connection without an answer",
    "not-found-repository": "whether the repository is missing or the credential has no right to it",
    "not-found-tag": "whether the tag was never pushed, was removed, or is held back",
    "layer-blob-timeout": "which of the layers' addresses the way out does not admit",
    "layer-blob-forbidden": "what the storage refused: the way, or a link that had ended",
    "context-deadline": "whether the way is slow or the image large",
    "connection-eof": "what closed the connection",
    "connection-reset": "what cut the connection",
    "connection-refused": "which machine has that address now",
    "registry-challenge-missing": "what it was that answered",
    "server-error-5xx": "whether the registry itself answered, and what state it is in",
}


def left_open(error: PullError) -> str | None:
    """What the text cannot decide, as the end of a sentence; None where it decides by itself."""
    if error.settled:
        return None
    return _LEFT_OPEN.get(error.symptom)


def next_command(error: PullError) -> str | None:
    """The `aksacr check` that decides what the text leaves open; None where nothing in Azure bears on it.

    The names that the text does not hold stand as the shell variables RG, CLUSTER and ACR.
    """
    if not any(cause.code for cause in error.causes):
        return None
    reference = parse_reference(error.image) if error.image else None
    server = reference.host if reference and is_acr_host(reference.host) else error.host
    if server is not None and not is_acr_host(server) and not _belongs_to_acr(server):
        return None
    known = server is not None and is_acr_host(server) and not any(mark in server for mark in "*<>")
    words = [
        "aksacr",
        "check",
        "-g",
        '"$RG"',
        "-n",
        '"$CLUSTER"',
        "--acr",
        shlex.quote(server) if known and server else '"$ACR"',
    ]
    if reference is not None and is_acr_host(reference.host):
        words += ["--image", shlex.quote(reference.repository_and_tag)]
    elif reference is not None and misses_acr_suffix(reference.host):
        words += ["--image", shlex.quote(reference.text)]  # with its host: that is what is wrong
    return " ".join([*words, "--error", "@event.txt"])


def _belongs_to_acr(server: str) -> bool:
    return (
        misses_acr_suffix(server)
        or ".blob." in server
        or ".data.azurecr." in server
        or server.startswith(("169.254.169.254", "localhost"))
    )
