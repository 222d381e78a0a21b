"""Reading a world file, and saying in one line what is wrong with one (see `docs/worlds.md`)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from .json_values import JsonObject, JsonValue, decode
from .paths import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "aksacr-world"
VERSION = 1

# What a world leaves out of its cloud, by the cloud's name: the suffixes of registries and of Azure Storage. A registry
# suffix of its own is no public cloud's, whatever it is called: its storage is not guessed.
_SUFFIXES = {
    "azurecloud": ("azurecr.io", "core.windows.net"),
    "azurechinacloud": ("azurecr.cn", "core.chinacloudapi.cn"),
    "azureusgovernment": ("azurecr.us", "core.usgovcloudapi.net"),
}
_SAVED_BY = "`aksacr collect` saved"
_SAVE_AGAIN = "save it again with `aksacr collect`"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


class WorldError(ValueError):
    """A world that cannot be used; the message is one line with the file, the place in it, and what to do."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The cloud a world was read in, and the suffixes of its login servers and of its Azure Storage ("": not told)."""

    name: str
    registry_suffix: str
    storage_suffix: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a world was collected for; "" where the file does not say."""

    cluster: str = ""
    registry: str = ""
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A read that Azure would not answer. `path` is in lower case; without a `body` the usual one is composed."""

    path: str
    below: bool
    status: int
    body: JsonValue
    headers: dict[str, str]
    query: dict[str, str]

    def covers(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether a read is refused: by its path, and by every parameter that the entry names."""
        inside = self.below and (self.path == "/" or path.startswith(self.path + "/"))
        return (path == self.path or inside) and all(query.get(name) == value for name, value in self.query.items())


class WorldFile:
    """The parts of a world file, checked. Raises WorldError from every method that reads one."""

    def __init__(self, document: JsonObject, place: str) -> None:
        self.document = document
        self._place = place

    @classmethod
    def parse(cls, data: bytes, place: str) -> WorldFile:
        """The file's parts; `place` is how messages call the file."""
        file = cls(_decoded(data, place), place)
        file._check_format()
        return file

    def _fail(self, where: str, problem: str) -> NoReturn:
        raise WorldError(_line(f"{self._place}: {where} {problem}; {_SAVE_AGAIN}"))

    def _check_format(self) -> None:
        found = self.document.get("format")
        if found != FORMAT:
            said = f"`format` is {_shown(found)}" if "format" in self.document else "it has no `format`"
            message = (
                f"{self._place}: this is not an aksacr world ({said}, not {FORMAT!r}); give a file that {_SAVED_BY}"
            )
            raise WorldError(_line(message))
        version = self.document.get("version")
        if version != VERSION or isinstance(version, bool):
            message = (
                f"{self._place}: world version {_shown(version)} is not version {VERSION}, the one this aksacr reads"
            )
            raise WorldError(_line(f"{message}; use the aksacr that saved it, or {_SAVE_AGAIN}"))

    def _object(self, name: str) -> JsonObject:
        value = self.document.get(name)
        if value is None and name != "resources":
            return {}
        if not isinstance(value, dict):
            self._fail(f"`{name}`", f"is {_kind(value)}, not an object")
        return value

    def resources(self) -> dict[str, JsonObject]:
        """The resources by lower-case id; a key may be written in any case, but only once."""
        found: dict[str, JsonObject] = {}
        for written, body in self._object("resources").items():
            key = key_of(written)
            where = f"`resources[{json.dumps(written)}]`"
            if not written.startswith("/") or key == "/":
                self._fail(where, "is not keyed by a resource id (/subscriptions/…)")
            if not isinstance(body, dict):
                self._fail(where, f"is {_kind(body)}, not an object")
            if key in found:
                self._fail(where, "stands there twice, in different letter case")
            found[key] = body
        return found

    def graph(self) -> dict[str, list[JsonObject]]:
        """Graph's objects by collection (`applications`, `servicePrincipals`, `groups`, …)."""
        found: dict[str, list[JsonObject]] = {}
        for name, bodies in self._object("graph").items():
            if not isinstance(bodies, list):
                self._fail(f"`graph.{name}`", f"is {_kind(bodies)}, not a list")
            found[name] = []
            for position, body in enumerate(bodies):
                if not isinstance(body, dict):
                    self._fail(f"`graph.{name}[{position}]`", f"is {_kind(body)}, not an object")
                found[name].append(body)
        return found

    def member_of(self) -> dict[str, frozenset[str]]:
        """The groups of a principal, all ids in lower case."""
        found: dict[str, frozenset[str]] = {}
        for principal, groups in self._object("memberOf").items():
            if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
                self._fail(f"`memberOf[{json.dumps(principal)}]`", "is not a list of group ids")
            found[principal.lower()] = frozenset(str(group).lower() for group in groups)
        return found

    def refused(self) -> list[Refused]:
        value = self.document.get("refused")
        if value is None:
            return []
        if not isinstance(value, list):
            self._fail("`refused`", f"is {_kind(value)}, not a list")
        return [self._one_refused(entry, f"`refused[{position}]`") for position, entry in enumerate(value)]

    def _one_refused(self, entry: JsonValue, where: str) -> Refused:
        if not isinstance(entry, dict):
            self._fail(where, f"is {_kind(entry)}, not an object")
        path, status, headers = entry.get("path"), entry.get("status", 403), entry.get("headers", {})
        if not isinstance(path, str) or not (path.startswith("/") or path.lower().split("/")[0] == "graph"):
            self._fail(where, "has no `path` that begins with / or graph")
        if not isinstance(status, int) or isinstance(status, bool) or not 400 <= status <= 599:
            self._fail(where, f"has the status {_shown(status)}, not one of 400 to 599")
        if not isinstance(headers, dict) or not all(isinstance(header, str) for header in headers.values()):
            self._fail(where, "has `headers` that are not names with texts")
        below = entry.get("below", False)
        if not isinstance(below, bool):
            self._fail(where, f"has a `below` that is {_kind(below)}, not true or false")
        lowered = {name.lower(): str(header) for name, header in headers.items()}
        query = entry.get("query", {})
        if not isinstance(query, dict) or not all(isinstance(value, str) for value in query.values()):
            self._fail(where, "has a `query` that is not names with texts")
        wanted = {name.lower(): str(value) for name, value in query.items()}
        key = key_of(path)
        return Refused(key, below or key == "/graph", status, entry.get("body"), lowered, wanted)

    def now(self) -> datetime | None:
        """The moment to judge at, or None when the file leaves it to the clock."""
        value = self.document.get("now")
        if value is None:
            return None
        moment = _instant(value)
        if moment is None:
            self._fail("`now`", f"is {_shown(value)}, not a time such as 2026-11-22T10:00:00Z")
        return moment

    def _texts(self, name: str, members: tuple[str, ...]) -> list[str]:
        """The members of a small object of texts; "" for what is not there."""
        body = self._object(name)
        for member in members:
            value = body.get(member)
            if value is not None and not isinstance(value, str):
                self._fail(f"`{name}.{member}`", f"is {_kind(value)}, not a text")
        return [str(body.get(member) or "") for member in members]

    def name(self) -> str:
        value = self.document.get("name")
        if value is not None and not isinstance(value, str):
            self._fail("`name`", f"is {_kind(value)}, not a text")
        return value or ""

    def cloud(self) -> Cloud:
        name, registry, storage = self._texts("cloud", ("name", "registrySuffix", "storageSuffix"))
        name = name or "AzureCloud"
        usual = _SUFFIXES.get(name.lower(), _SUFFIXES["azurecloud"])
        registry = registry.lstrip(".") or usual[0]
        return Cloud(name, registry, storage.lstrip(".") or (usual[1] if registry.lower() == usual[0] else ""))

    def target(self) -> Target:
        cluster, registry, image = self._texts("target", ("cluster", "registry", "image"))
        return Target(cluster, registry, image or None)


def _decoded(data: bytes, place: str) -> JsonObject:
    """The document in `data`; raises WorldError with line and column when it is no JSON object."""
    try:
        document = decode(data)
    except json.JSONDecodeError as error:
        ends_early = error.msg.startswith("Unterminated") or not error.doc[error.pos :].strip()
        what = "the file ends too early" if ends_early else f"this is not JSON ({error.msg})"
        place = f"{place}, line {error.lineno} column {error.colno}"
        raise WorldError(_line(f"{place}: {what}; {_SAVE_AGAIN}")) from None
    except UnicodeError:
        raise WorldError(_line(f"{place}: this is not UTF-8 text; {_SAVE_AGAIN}")) from None
    except (RecursionError, ValueError):
        raise WorldError(_line(f"{place}: this is nested too deep to be a world; {_SAVE_AGAIN}")) from None
    if not isinstance(document, dict):
        message = f"{place}: this is not an aksacr world ({_kind(document)} at the top); give a file that {_SAVED_BY}"
        raise WorldError(_line(message))
    return document


def _instant(value: JsonValue) -> datetime | None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _kind(value: JsonValue) -> str:
    if value is None:
        return "missing or null"
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds[type(value)]


def _shown(value: JsonValue) -> str:
    """A value in a message, short enough for one line."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _line(message: str) -> str:
    """`message` as one line, whatever the file's name or content brought into it."""
    return " ".join(message.split())
