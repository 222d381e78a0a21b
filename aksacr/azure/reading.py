"""Reads that tolerate refusal: every answer of Azure becomes a fact, seen or unseen.

A 404, and a provider that is not registered in a subscription, say that there is nothing there: that is seen.
A 403, a 429 that outlasts the retries, a 5xx, silence, or a body in an unknown form is unseen, with the permission
that the read needs. Refused sign-in for Resource Manager ends the run (`SignInError` passes through).
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from azure.core.exceptions import (
    AzureError,
    DecodeError,
    DeserializationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from aksacr.facts import Fact, Seen, Unseen

from .dataflow import lengthen
from .forms import NO_ID, UNKNOWN_FORM, UnknownFormError, decoded

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable

    from .session import Session

M = TypeVar("M")
T = TypeVar("T")
_NOT_REGISTERED = {"missingsubscriptionregistration", "subscriptionnotregistered"}


async def read_one(
    session: Session, source: str, action: str, ask: Callable[[], Awaitable[M]], decode: Callable[[M], T]
) -> Fact[T | None]:
    """Read one resource. `Seen(None)` when Azure has none of that id."""

    async def work() -> T | None:
        return decoded(decode, await ask())

    return await _tolerate(session, source, action, work, Seen(None, source))


async def read_list(
    session: Session,
    source: str,
    action: str,
    ask: Callable[[], Awaitable[AsyncIterable[M]]],
    decode: Callable[[M], T | None],
    *,
    absent_is_empty: bool = True,
) -> Fact[tuple[T, ...]]:
    """Read a list, all pages of it. Empty when its parent or its provider is not there, unless that cannot be.

    An item that `decode` gives None for is left out.
    """

    async def work() -> tuple[T, ...]:
        found = [decoded(decode, item) async for item in await ask()]
        return tuple([item for item in found if item is not None])

    return await _tolerate(session, source, action, work, Seen((), source) if absent_is_empty else None)


async def _tolerate(
    session: Session, source: str, action: str, work: Callable[[], Awaitable[T]], absent: Seen[T] | None
) -> Fact[T]:
    try:
        async with asyncio.timeout_at(session.deadline):
            return Seen(await work(), source)
    except HttpResponseError as error:
        if absent is not None and says_absent(error):
            return absent
        return Unseen(source, action, reason_of(error))
    except TimeoutError:
        return Unseen(source, action, "no answer before the time was up")
    except AzureError as error:
        return Unseen(source, action, reason_of(error))
    except UNKNOWN_FORM as error:
        return Unseen(source, action, unknown_form(error))
    finally:
        lengthen()


def unknown_form(error: Exception) -> str:
    """That a body has an unknown form, without the body: old clients put all of it into their message."""
    if isinstance(error, UnknownFormError):
        return f"answered in a form that aksacr does not know: {error}"
    said = "" if isinstance(error, DeserializationError) else f": {_first_line(error)}"
    return f"answered in a form that aksacr does not know ({type(error).__name__}{said})"


def says_absent(error: HttpResponseError) -> bool:
    """Whether the answer says that there is nothing there: a 404, or a provider without registration.

    `SubscriptionNotFound` is what a caller gets of a subscription that it may not read: that says nothing.
    """
    code = code_of(error).lower()
    return (error.status_code == 404 and code != "subscriptionnotfound") or (
        error.status_code == 409 and code in _NOT_REGISTERED
    )


def code_of(error: HttpResponseError) -> str:
    """Azure's error code (`AuthorizationFailed`), or "" when the body has none (HTML, empty)."""
    if error.error is not None and error.error.code:
        return str(error.error.code)
    return ""


def reason_of(error: AzureError) -> str:
    """Why a read gave nothing, in one short phrase."""
    if isinstance(error, DecodeError):
        said = f" ({NO_ID})" if NO_ID in str(error.message) else ""
        return f"answered with something that is no JSON, or no resource{said}"
    if isinstance(error, HttpResponseError):
        code = code_of(error)
        suffix = f" ({code})" if code else f" ({error.status_code})"
        if error.status_code in {401, 403}:
            return f"denied{suffix}"
        if error.status_code == 429:
            return f"throttled{suffix}"
        return f"failed{suffix}"
    if isinstance(error, (ServiceRequestError, ServiceResponseError)):
        return f"no answer ({_first_line(error)})"
    return f"failed ({_first_line(error)})"


def _first_line(error: Exception) -> str:
    lines: list[str] = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def text(value: str | None) -> str:
    """A string, or one of the SDK's string enums, as Azure's own word; "" for None.

    Raises TypeError for anything else: the SDK's models hand on whatever stood in the body.
    """
    if value is None:
        return ""
    word: object = value.value if isinstance(value, Enum) else value
    if not isinstance(word, str):
        raise TypeError(f"a text was expected, not {type(word).__name__}")
    return word
