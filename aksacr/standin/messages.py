"""A request to Azure and its answer, free of any HTTP library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from .json_values import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .json_values import JsonValue

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    `origin` is scheme and host (`https://management.azure.com`), `path` is decoded and keeps its letters, the names of
    `query` and `headers` are in lower case (Azure reads both without regard to case).
    """

    method: str
    origin: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Request:
        """The request that a client sends for `url`; raises ValueError when `url` is none."""
        parts = urlsplit(url)
        return cls(
            method=method.upper(),
            origin=f"{parts.scheme}://{parts.netloc}",
            path=unquote(parts.path),
            query={name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)},
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=body,
        )


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


class AnswerError(Exception):
    """Carries an error answer out of the functions that look things up."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def json_response(status: int, value: JsonValue, headers: Mapping[str, str] | None = None) -> Response:
    """`value` as Azure sends JSON, with the headers every answer has."""
    sent = {"content-type": JSON_TYPE, "cache-control": "no-cache", "x-ms-request-id": str(uuid4())}
    return Response(status, {**sent, **(headers or {})}, encode(value))


def empty_response(status: int) -> Response:
    """An answer without a body: what a DELETE of something that is not there gives."""
    return Response(status, {"x-ms-request-id": str(uuid4())})
