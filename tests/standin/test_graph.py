"""Microsoft Graph as the stand-in answers it."""

from __future__ import annotations

import pytest

from .worlds import Json, ask, recorded, world_of

APP = "6002bdc3-7496-4654-aa6a-99454f15a071"
APPLICATION = "88cf6d82-d8e6-41af-8205-71bfbff43d56"
PRINCIPAL = "0207ee96-75b6-43d8-af87-f8718fde0acc"
WORLD = recorded("recorded_service_principal")


@pytest.mark.parametrize(
    ("path", "object_id"),
    [
        (f"applications?$filter=appId eq '{APP}'", APPLICATION),
        (f"applications?$filter=appId%20eq%20%27{APP.upper()}%27", APPLICATION),
        (f"servicePrincipals?$filter=appId eq '{APP}'", PRINCIPAL),
        (f"servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{APP}')", PRINCIPAL),
        (f"servicePrincipals?$filter=servicePrincipalNames%2Fany%28c%3Ac%20eq%20%27{APP}%27%29", PRINCIPAL),
        ("servicePrincipals?$filter=startswith(displayName,'cli') and accountEnabled eq true", PRINCIPAL),
        ("servicePrincipals", PRINCIPAL),
    ],
)
def test_lists_are_filtered(path: str, object_id: str) -> None:
    answer = ask(WORLD, f"/v1.0/{path}".replace(" ", "%20"))
    assert [item["id"] for item in answer.objects()] == [object_id]
    assert isinstance(answer.json, dict)
    assert (
        answer.json["@odata.context"] == f"https://management.azure.com/v1.0/$metadata#{path.split('?', maxsplit=1)[0]}"
    )


@pytest.mark.parametrize(
    ("path", "object_id"),
    [
        (f"applications/{APPLICATION}", APPLICATION),
        (f"applications(appId='{APP}')", APPLICATION),
        (f"servicePrincipals/{PRINCIPAL.upper()}", PRINCIPAL),
        (f"servicePrincipals(appId='{APP}')", PRINCIPAL),
    ],
)
def test_one_object(path: str, object_id: str) -> None:
    assert ask(WORLD, f"/v1.0/{path}")["id"] == object_id


def test_only_what_is_selected() -> None:
    one = ask(WORLD, f"/v1.0/applications(appId='{APP}')?$select=id,passwordCredentials").json
    assert isinstance(one, dict)
    assert set(one) == {"@odata.context", "id", "passwordCredentials"}
    many = ask(WORLD, "/v1.0/servicePrincipals?$select=accountEnabled").objects()
    assert many == [{"accountEnabled": True}]


def test_nothing_found() -> None:
    assert ask(WORLD, "/v1.0/applications?$filter=appId%20eq%20'x'").objects() == []
    answer = ask(WORLD, "/v1.0/applications/none")
    assert (answer.status, answer["error.code"]) == (404, "Request_ResourceNotFound")
    assert answer["error.message"] == (
        "Resource 'none' does not exist or one of its queried reference-property objects are not present."
    )
    assert set(answer.headers) >= {"request-id"}
    assert answer["error.innerError.request-id"] == answer.headers["request-id"]


def test_objects_by_ids() -> None:
    body: Json = {"ids": [PRINCIPAL, APPLICATION, "none"], "types": ["user", "group", "servicePrincipal"]}
    [found] = ask(WORLD, "/v1.0/directoryObjects/getByIds", "POST", body=body).objects()
    assert (found["id"], found["@odata.type"]) == (PRINCIPAL, "#microsoft.graph.servicePrincipal")
    assert (
        len(ask(WORLD, "/v1.0/directoryObjects/getByIds", "POST", body={"ids": [PRINCIPAL, APPLICATION]}).objects())
        == 2
    )
    assert ask(WORLD, "/v1.0/directoryObjects/getByIds", "POST", body={"ids": "x"}).status == 400


def test_groups_and_users_of_a_world() -> None:
    world = world_of([], graph={"groups": [{"id": "g1", "displayName": "nodes"}], "users": [{"id": "u1"}]})
    found = ask(world, "/v1.0/directoryObjects/getByIds", "POST", body={"ids": ["G1", "u1"]}).objects()
    assert [item["@odata.type"] for item in found] == ["#microsoft.graph.group", "#microsoft.graph.user"]


def test_an_application_is_nobody_that_me_could_be() -> None:
    answer = ask(WORLD, "/v1.0/me")
    assert (answer.status, answer["error.code"]) == (400, "BadRequest")


@pytest.mark.parametrize("path", ["applications?$filter=appId%20ne%20'x'", "applications?$filter=((", "nonsense"])
def test_what_is_not_understood_is_a_bad_request(path: str) -> None:
    assert ask(WORLD, f"/v1.0/{path}").status == 400


def test_without_a_token_and_with_a_write() -> None:
    assert ask(WORLD, "/v1.0/applications", token=None)["error.code"] == "InvalidAuthenticationToken"
    denied = ask(WORLD, f"/v1.0/applications/{APPLICATION}/addPassword", "POST", body={})
    assert (denied.status, denied["error.code"]) == (403, "Authorization_RequestDenied")


@pytest.mark.parametrize(
    ("refused", "denied", "allowed"),
    [
        ("graph", ["applications", "servicePrincipals/x"], []),
        ("graph/applications", ["applications"], ["servicePrincipals"]),
    ],
)
def test_graph_is_refused(refused: str, denied: list[str], allowed: list[str]) -> None:
    world = world_of([], refused=[{"path": refused, "below": True}])
    for path in denied:
        answer = ask(world, f"/v1.0/{path}")
        assert (answer.status, answer["error.code"]) == (403, "Authorization_RequestDenied")
        assert answer["error.message"] == "Insufficient privileges to complete the operation."
    for path in allowed:
        assert ask(world, f"/v1.0/{path}").status == 200


def test_graph_is_refused_with_the_body_it_sent() -> None:
    body: Json = {"error": {"code": "TooManyRequests"}}
    world = world_of([], refused=[{"path": "graph", "status": 429, "body": body, "headers": {"Retry-After": "1"}}])
    answer = ask(world, "/v1.0/applications")
    assert (answer.status, answer.json, answer.headers["retry-after"]) == (429, body, "1")


def test_pages() -> None:
    world = world_of([], graph={"applications": [{"id": str(number)} for number in range(5)]})
    world.page_size = 2
    ids: list[Json] = []
    path = "/v1.0/applications?$select=id"
    while path:
        page = ask(world, path)
        ids += [item["id"] for item in page.objects()]
        assert isinstance(page.json, dict)
        path = str(page.json.get("@odata.nextLink", ""))
        assert len(ids) <= 5, "the links lead in a circle"
    assert ids == ["0", "1", "2", "3", "4"]
