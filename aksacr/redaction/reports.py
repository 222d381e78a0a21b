"""A report, redacted before it is rendered: every string of the model, each as what its field is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast

import msgspec

from aksacr.report.model import Redaction, Report

from . import commands
from .masker import Masker
from .people import names_a_person
from .repositories import repository_of
from .secrets import names_a_secret
from .tokens import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aksacr.check import JsonValue
    from aksacr.facts import Facts

    from . import Profile

    JsonObject = dict[str, JsonValue]

# What is the same in every report, or a word of Azure's: nobody is known by it.
_FIXED = frozenset(
    {
        *(
            "schemaVersion",
            "tool",
            "generatedAt",
            "stats",
            "redaction",
            "cloud",
            "location",
            "kubernetesVersion",
            "osType",
        ),
        *(
            "sku",
            "kind",
            "outcome",
            "rootCauses",
            "exitStatus",
            "code",
            "title",
            "status",
            "docs",
            "explains",
            "refines",
        ),
        *("hop", "symptom", "stage", "httpStatus", "addressKind", "alternatives", "slug", "settled", "count"),
        *("manual",),
    }
)
_NAMES = frozenset({"name", "resourceGroup", "nodePool", "nodePools"})
_SENTENCES = frozenset({"message", "summary", "detail", "caveat", "needs"})
_BRACKETED = re.compile(r"(?P<list>[A-Za-z]+)\[(?P<inside>[^\[\]]{1,300}+)\]")
_KIND_OF_LIST: dict[str, str] = {
    "agentPoolProfiles": "pool",
    "defaultSecurityRules": "rule",
    "privateEndpointConnections": "connection",
    "routes": "route",
    "securityRules": "rule",
    "virtualNetworkLinks": "link",
    "virtualNetworkPeerings": "peering",
    "subnets": "subnet",
}
_COLLECTION = ("collection-group", "collection", "rule")


def redacted(report: Report, profile: Profile, facts: Facts | None = None) -> Report:
    """See `aksacr.redaction.redact`."""
    tree = cast("JsonObject", msgspec.to_builtins(report))
    before: Profile = "none" if isinstance(report.redaction, msgspec.UnsetType) else report.redaction.profile
    masker = Masker(profile, _taken(tree), before)
    if profile != "none":
        _learn(masker, tree, facts)
    made = {key: _section(masker, key, value) for key, value in tree.items()}
    new = msgspec.convert(made, Report)
    if profile == "none":
        return new
    return msgspec.structs.replace(new, redaction=_told(report, profile, masker))


def _told(report: Report, profile: Literal["support", "public"], masker: Masker) -> Redaction:
    """What the report says was masked; what an earlier redaction masked counts, too."""
    before = report.redaction
    if isinstance(before, msgspec.UnsetType):
        return Redaction(profile=profile, values=masker.count, kinds=masker.said())
    strictest = "public" if "public" in {profile, before.profile} else "support"
    kinds = list(dict.fromkeys([*before.kinds, *masker.said()]))
    return Redaction(profile=strictest, values=before.values + masker.count, kinds=kinds)


def _taken(tree: JsonObject) -> set[str]:
    """What the report holds that looks like a token: no other value may be given it."""
    return {match[0].lower() for text, _ in _strings(tree, "") for match in TOKEN.finditer(text)}


def _strings(value: JsonValue, key: str) -> Iterator[tuple[str, str]]:
    """Every string that is not fixed, with the key it stands under, in the order of the report."""
    if isinstance(value, str):
        yield value, key
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in _FIXED:
                yield name, "key"
                yield from _strings(item, name)


# --- learning ---


def _learn(masker: Masker, tree: JsonObject, facts: Facts | None) -> None:
    for name, kind in _typed(cast("JsonObject", tree["target"])):
        masker.learn_name(name, kind)
    if facts is not None:
        from .facts import named_in  # noqa: PLC0415 - a report that was read from a file has none

        for name, kind in named_in(facts):
            masker.learn_name(name, kind)
    for text, key in _strings(tree, ""):
        for name, kind in _named(text, key):
            masker.learn_name(name, kind)
        masker.learn(text)
        if key in _SENTENCES:
            masker.learn_sentence(text)


def _typed(target: JsonObject) -> Iterator[tuple[str, str]]:
    """The names of what was judged."""
    cluster, registry = cast("JsonObject", target["cluster"]), cast("JsonObject", target["registry"])
    identity = cast("JsonObject", cluster["identity"])
    yield str(cluster["name"]), "cluster"
    yield str(registry["name"]), "registry"
    yield str(cluster["resourceGroup"]), "resource-group"
    for pool in cast("list[JsonObject]", target["nodePools"]):
        yield str(pool["name"]), "pool"
    yield str(identity["objectId"] or ""), "principal"
    yield str(identity["clientId"] or ""), "client"


def _named(text: str, key: str) -> Iterator[tuple[str, str]]:
    """What a string names that is no id: a command's options, the lists that a path goes through, an image."""
    if key == "commands":
        yield from commands.names_in(text)
    elif key == "path":
        for match in _BRACKETED.finditer(text):
            if match["list"] == "ruleCollections":
                yield from zip(match["inside"].split("/"), _COLLECTION, strict=False)
            elif match["list"] in _KIND_OF_LIST:
                yield match["inside"], _KIND_OF_LIST[match["list"]]
            elif match["list"] == "passwordCredentials":
                yield match["inside"], "credential"
    elif key == "image" and (repository := repository_of(text)):
        yield repository, "repository"


# --- masking ---


def _section(masker: Masker, key: str, value: JsonValue) -> JsonValue:
    if key == "checks":
        return [_check(masker, item) for item in cast("list[JsonObject]", value)]
    return _field(masker, key, value)


def _check(masker: Masker, check: JsonObject) -> JsonObject:
    return {key: value if key == "name" else _field(masker, key, value) for key, value in check.items()}


def _field(masker: Masker, key: str, value: JsonValue) -> JsonValue:
    if key in _FIXED:
        return value
    if key == "evidence":
        return [_evidence(masker, item) for item in cast("list[JsonObject]", value)]
    if isinstance(value, list):
        return [_field(masker, key, item) for item in value]
    if isinstance(value, dict):
        return {name: _field(masker, name, item) for name, item in value.items()}
    return _string(masker, key, value) if isinstance(value, str) else value


def _string(masker: Masker, key: str, text: str) -> str:
    if key == "commands":
        return commands.masked(text, lambda value, option: _argument(masker, value, option))
    if key in _NAMES:
        return masker.name(text)
    if key == "image":
        return _image(masker, text)
    return masker.text(text)


def _argument(masker: Masker, value: str, option: str | None) -> str:
    return masker.name(value) if option in commands.NAMING else masker.text(value)


def _image(masker: Masker, image: str) -> str:
    repository = repository_of(image)
    token = masker.names.exactly(repository) if repository and masker.is_public else None
    if repository is None or token is None:
        return masker.text(image)
    before, _, after = image.partition(repository)
    return f"{masker.text(before)}{token}{after}"


def _evidence(masker: Masker, item: JsonObject) -> JsonObject:
    path = str(item["path"])
    return {
        "source": masker.text(str(item["source"])),
        "path": _path(masker, path),
        "value": _seen(masker, path.rpartition(".")[2], item["value"]),
    }


def _path(masker: Masker, path: str) -> str:
    """A path, with the names that it goes through."""

    def inside(match: re.Match[str]) -> str:
        words = match["inside"]
        if match["list"] == "ruleCollections":
            return f"{match['list']}[{'/'.join(masker.name(word) for word in words.split('/'))}]"
        return f"{match['list']}[{masker.name(words)}]"

    return masker.text(_BRACKETED.sub(inside, path))


def _seen(masker: Masker, key: str, value: JsonValue) -> JsonValue:
    """A value that was seen; the key that it stands under may say that it is a person or a secret."""
    if isinstance(value, list):
        return [_seen(masker, key, item) for item in value]
    if isinstance(value, dict):
        return {masker.value(name): _seen(masker, name, item) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    if names_a_secret(key):
        return masker.secret(value)
    return masker.person(value) if names_a_person(key) else masker.value(value)
