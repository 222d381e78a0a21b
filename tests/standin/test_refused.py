"""Reads that Azure would not answer: the recorded answer, or the usual one of the status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aksacr.standin import Request

from .worlds import GROUP, NETWORK, REGISTRY, SUBSCRIPTION, Json, ask, resource, world_of

if TYPE_CHECKING:
    from aksacr.standin import World


def refusing(entry: dict[str, Json]) -> World:
    return world_of([resource(REGISTRY), resource(f"{NETWORK}/hub", {"subnets": []})], refused=[entry])


def test_a_refused_read_is_composed_with_client_action_and_scope() -> None:
    world = refusing({"path": REGISTRY.lower(), "status": 403})
    answer = ask(world, REGISTRY)
    assert (answer.status, answer["error.code"]) == (403, "AuthorizationFailed")
    nobody = "00000000-0000-0000-0000-000000000000"
    assert answer["error.message"] == (
        f"The client '{nobody}' with object id '{nobody}' does not have authorization to perform action "
        f"'Microsoft.ContainerRegistry/registries/read' over scope '{REGISTRY}' or the scope is invalid. If access was "
        "recently granted, please refresh your credentials."
    )
    assert ask(world, f"{REGISTRY}/replications").json == {"value": []}


@pytest.mark.parametrize(
    ("path", "action", "scope"),
    [
        (f"{NETWORK}/hub/subnets", "Microsoft.Network/virtualNetworks/subnets/read", f"{NETWORK}/hub"),
        (NETWORK, "Microsoft.Network/virtualNetworks/read", f"{GROUP}/providers/Microsoft.Network"),
        (GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read", GROUP),
        (SUBSCRIPTION, "Microsoft.Resources/subscriptions/read", SUBSCRIPTION),
        (
            f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments",
            "Microsoft.Authorization/roleAssignments/read",
            REGISTRY,
        ),
    ],
)
def test_the_action_that_a_refusal_names(path: str, action: str, scope: str) -> None:
    message = ask(refusing({"path": path.lower()}), path).text("error.message")
    assert f"perform action '{action}' over scope '{scope}' or" in message


def test_a_refusal_may_cover_what_lies_below() -> None:
    world = refusing({"path": f"{NETWORK}/hub".lower(), "below": True})
    assert ask(world, f"{NETWORK}/hub/subnets/x").status == 403
    assert ask(world, f"{NETWORK}/hub").status == 403
    assert ask(world, f"{NETWORK}/hub2").status == 404


ASSIGNMENTS = f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments"
ASSIGNED_TO = "assignedTo('aaaaaaaa-0000-0000-0000-000000000001')"
NEW, OLD = "2022-04-01", "2020-10-01-preview"


@pytest.mark.parametrize(
    ("query", "condition", "version", "status"),
    [
        ({"$filter": "atScope()"}, "atScope()", NEW, 403),
        ({"$Filter": "atScope()"}, "atScope()", NEW, 403),
        ({"$filter": "atScope()"}, ASSIGNED_TO, NEW, 200),
        ({"$filter": ASSIGNED_TO}, ASSIGNED_TO, NEW, 403),
        ({"$filter": ASSIGNED_TO}, "atScope()", NEW, 200),
        ({"api-version": NEW}, "atScope()", NEW, 403),
        ({"api-version": NEW}, "atScope()", OLD, 200),
        ({"api-version": NEW, "$filter": "atScope()"}, "atScope()", NEW, 403),
        ({"api-version": NEW, "$filter": "atScope()"}, ASSIGNED_TO, NEW, 200),
        ({}, "atScope()", OLD, 403),
    ],
)
def test_a_refusal_may_hold_for_one_query_only(query: Json, condition: str, version: str, status: int) -> None:
    """One path answers several questions: assignments at a scope, and those of a principal."""
    world = refusing({"path": ASSIGNMENTS.lower(), "query": query})
    assert ask(world, f"{ASSIGNMENTS}?$filter={condition}&api-version={version}").status == status


def test_a_refusal_keeps_the_body_that_azure_sent() -> None:
    throttled: Json = {"error": {"code": "429", "message": "Retry after 2 seconds."}}
    world = refusing({"path": REGISTRY, "status": 429, "body": throttled, "headers": {"Retry-After": "2"}})
    answer = ask(world, REGISTRY)
    assert (answer.status, answer.json, answer.headers["retry-after"]) == (429, throttled, "2")


def test_a_refusal_may_be_a_page_of_a_gateway() -> None:
    world = refusing({"path": REGISTRY, "status": 503, "body": "<!DOCTYPE html><p>no</p>"})
    headers = {"Authorization": "Bearer t"}
    sent = world.answer(Request.of("GET", f"https://management.azure.com{REGISTRY}?api-version=2025-11-01", headers))
    assert (sent.status, sent.headers["content-type"], sent.body) == (503, "text/html", b"<!DOCTYPE html><p>no</p>")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "InvalidAuthenticationToken"),
        (404, "ResourceNotFound"),
        (429, "SubscriptionRequestsThrottled"),
        (500, "InternalServerError"),
        (418, "RequestFailed"),
    ],
)
def test_a_refusal_without_a_body_is_the_usual_one_of_its_status(status: int, code: str) -> None:
    answer = ask(refusing({"path": REGISTRY, "status": status, "headers": {"x-note": "n"}}), REGISTRY)
    assert (answer.status, answer["error.code"], answer.headers["x-note"]) == (status, code, "n")
