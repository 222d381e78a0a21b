"""What each read makes of every kind of answer: a fact that was seen, or one that says why not; never an exception."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aksacr.facts import Fact, Seen, Unseen
from aksacr.standin.messages import Response

from .answering import JSON, READERS, OneAnswer, Reader, answer, refusal, session_with

LONGEST_REASON = 240
HTML = {"content-type": "text/html"}
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

LONG = "of some length " * 40


def of(readers: list[Reader]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("reader", readers, ids=lambda reader: reader.name)


each_reader = of(list(READERS))
each_that_may_be_absent = of([reader for reader in READERS if not reader.always_there])
each_that_is_always_there = of([reader for reader in READERS if reader.always_there])


async def ask(reader: Reader, given: Response) -> Fact[object]:
    azure = OneAnswer(given)
    found = await reader.read(session_with(azure))
    assert azure.asked, "nothing was asked"
    assert {request.method for request in azure.asked} == {"GET"}
    return found


async def reason(reader: Reader, given: Response) -> str:
    """Why a fact was not seen. It is one short line, and the fact names what was asked and the permission."""
    found = await ask(reader, given)
    assert isinstance(found, Unseen), f"{reader.name}: {found} was made of {given.status} {given.body!r}"
    assert found.action == reader.permission
    assert found.source.startswith(("/subscriptions/", "Microsoft Graph "))
    assert "\n" not in found.reason
    return found.reason


@each_reader
async def test_a_refusal_names_the_permission(reader: Reader) -> None:
    assert await reason(reader, refusal(403, "AuthorizationFailed")) == "denied (AuthorizationFailed)"
    assert await reason(reader, refusal(403, "LinkedAuthorizationFailed", at_the_top=True)) == (
        "denied (LinkedAuthorizationFailed)"
    )


@each_that_may_be_absent
@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "NotFound"])
async def test_what_azure_does_not_have_is_a_fact(reader: Reader, code: str) -> None:
    found = await ask(reader, refusal(404, code))
    assert isinstance(found, Seen)
    assert found.value == reader.absent
    assert found.source


@each_that_may_be_absent
@pytest.mark.parametrize("at_the_top", [False, True])
async def test_a_provider_that_is_not_registered_has_nothing(reader: Reader, at_the_top: bool) -> None:
    found = await ask(reader, refusal(409, "MissingSubscriptionRegistration", at_the_top=at_the_top))
    assert isinstance(found, Seen)
    assert found.value == reader.absent


@each_that_is_always_there
async def test_a_registry_that_was_seen_cannot_lack_its_list(reader: Reader) -> None:
    """A 404 for the assignments of a registry that is there must not mean that nobody holds a role."""
    assert await reason(reader, refusal(404, "ResourceNotFound")) == "failed (ResourceNotFound)"
    said = await reason(reader, refusal(409, "MissingSubscriptionRegistration"))
    assert said == "failed (MissingSubscriptionRegistration)"


@each_reader
async def test_another_conflict_says_nothing_of_absence(reader: Reader) -> None:
    assert await reason(reader, refusal(409, "Conflict")) == "failed (Conflict)"


@each_reader
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (refusal(429, "TooManyRequests"), "throttled (TooManyRequests)"),
        (refusal(500, "InternalServerError"), "failed (InternalServerError)"),
        (refusal(502, "BadGatewayConnection", at_the_top=True), "failed (BadGatewayConnection)"),
        (refusal(504, "GatewayTimeout"), "failed (GatewayTimeout)"),
        (refusal(401, "InvalidAuthenticationToken"), "denied (InvalidAuthenticationToken)"),
        (refusal(400, "InvalidApiVersionParameter"), "failed (InvalidApiVersionParameter)"),
        (answer(403, {"errors": [{"code": "DENIED", "message": "client with IP is not allowed"}]}), "denied (403)"),
        (answer(400, {"error": "invalid_client", "error_description": "AADSTS7000222"}), "failed (400)"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.status),
)
async def test_what_failed_is_said_in_azures_word(reader: Reader, given: Response, expected: str) -> None:
    assert await reason(reader, given) == expected


@each_reader
@pytest.mark.parametrize(
    "given", [Response(0, HTML, PAGE), Response(0, JSON), Response(0)], ids=["page", "empty", "bare"]
)
@pytest.mark.parametrize(
    ("status", "expected"), [(403, "denied (403)"), (429, "throttled (429)"), (503, "failed (503)")]
)
async def test_an_error_without_a_body_that_speaks(reader: Reader, given: Response, status: int, expected: str) -> None:
    assert await reason(reader, replace(given, status=status)) == expected


# --- status 200, and yet not what was asked for ---

NO_JSON = {
    "an empty body": Response(200, JSON),
    "a page": Response(200, HTML, PAGE),
    "half a body": Response(200, JSON, b'{"id": "/subscriptions/x", "properties": {'),
    "no text": Response(200, JSON, b"\xff\xfe\x00"),
}
NO_OBJECT = {
    "null": answer(200, None),
    "a text": answer(200, LONG),
    "a list": answer(200, [{"id": LONG}] * 20),
    "a number": answer(200, 7),
}
NO_RESOURCE = {
    "nothing in it": answer(200, {}),
    "an error": answer(200, {"error": {"code": "AuthorizationFailed", "message": "You may not."}}),
    "no list": answer(200, {"value": {"id": "/subscriptions/x"}}),
}
WRONG_INSIDE = {
    "one": answer(200, {"id": "/subscriptions/x", "name": "shop", "properties": LONG, "value": 7}),
    "list": answer(200, {"value": [LONG, LONG]}),
}


@each_reader
@pytest.mark.parametrize("given", [*NO_JSON.values(), *NO_OBJECT.values()], ids=[*NO_JSON, *NO_OBJECT])
async def test_what_cannot_be_read_is_unseen_in_a_few_words(reader: Reader, given: Response) -> None:
    said = await reason(reader, given)
    assert said.startswith("answered ")
    assert len(said) <= LONGEST_REASON
    assert LONG[:40] not in said


@each_reader
async def test_a_body_whose_inside_has_another_form_is_unseen(reader: Reader) -> None:
    assert "form that aksacr does not know" in await reason(reader, WRONG_INSIDE[reader.form])


@each_reader
async def test_a_reason_does_not_repeat_the_body(reader: Reader) -> None:
    said = await reason(reader, WRONG_INSIDE[reader.form])
    assert len(said) <= LONGEST_REASON
    assert LONG[:40] not in said


SINGLE = [reader for reader in READERS if reader.form == "one"]


@each_reader
@pytest.mark.parametrize("word", ["nothing in it", "an error"])
async def test_a_body_that_is_no_resource_is_not_an_empty_one(reader: Reader, word: str) -> None:
    """Else a role would grant nothing, a zone have no link, and a check would fail for want of sight."""
    assert await reason(reader, NO_RESOURCE[word])


@of(SINGLE)
async def test_a_list_is_a_list(reader: Reader) -> None:
    assert await reason(reader, NO_RESOURCE["no list"])
