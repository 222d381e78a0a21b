"""Finding the cluster and the registry that a user named, and saying in one line what there is instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ServiceRequestError

from aksacr.azure.target import Finder, Target, TargetError
from aksacr.facts import Cluster, Registry, ResourceId

from .answering import session_with
from .worlds import ListeningWorld, world_of

if TYPE_CHECKING:
    from aksacr.standin.messages import Request, Response

SHOP = "11111111-1111-1111-1111-111111111111"
HUB = "22222222-2222-2222-2222-222222222222"
CLUSTERS = "Microsoft.ContainerService/managedClusters"
REGISTRIES = "Microsoft.ContainerRegistry/registries"


def at(subscription: str, group: str, kind: str, name: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}"


def cluster_body(name: str, group: str = "rg-prod", subscription: str = SHOP) -> dict[str, Any]:
    properties = {"provisioningState": "Succeeded", "servicePrincipalProfile": {"clientId": "msi"}}
    return {"id": at(subscription, group, CLUSTERS, name), "name": name, "properties": properties}


def registry_body(name: str, subscription: str = SHOP, login_server: str = "") -> dict[str, Any]:
    properties = {"loginServer": login_server or f"{name.lower()}.azurecr.io"}
    return {"id": at(subscription, "rg-acr", REGISTRIES, name), "name": name, "properties": properties}


def subscription_body(subscription: str, name: str) -> dict[str, Any]:
    return {"id": f"/subscriptions/{subscription}", "subscriptionId": subscription, "displayName": name}


EVERYTHING = (
    subscription_body(SHOP, "Shop Production"),
    subscription_body(HUB, "Hub"),
    cluster_body("aks-prod"),
    cluster_body("aks-stage", "rg-stage"),
    registry_body("ShopAcr"),
    registry_body("shopstage"),
    registry_body("hubacr", HUB),
    registry_body("labelled", HUB, "labelled-a1b2c3.azurecr.io"),
)


def azure(*bodies: dict[str, Any], refused: tuple[dict[str, Any], ...] = ()) -> ListeningWorld:
    return world_of(
        {
            "format": "aksacr-world",
            "version": 1,
            "resources": {body["id"].lower(): body for body in bodies or EVERYTHING},
            "refused": list(refused),
        }
    )


def finder(
    world: ListeningWorld, cluster: str = "", group: str = "", registry: str = "", subscription: str = ""
) -> Finder:
    return Finder(session_with(world), Target(group, cluster, registry, subscription))


async def found_cluster(name: str, group: str, subscription: str = "", world: ListeningWorld | None = None) -> Cluster:
    search = finder(world or azure(), name, group, subscription=subscription)
    return await search.cluster(await search.subscription_id())


async def found_registry(named: str, world: ListeningWorld | None = None, subscription: str = SHOP) -> Registry:
    return await finder(world or azure(), registry=named).registry(subscription)


async def no_cluster(name: str, group: str, subscription: str = "", world: ListeningWorld | None = None) -> str:
    with pytest.raises(TargetError) as caught:
        await found_cluster(name, group, subscription, world)
    return one_line(caught.value)


async def no_registry(named: str, world: ListeningWorld | None = None) -> str:
    with pytest.raises(TargetError) as caught:
        await found_registry(named, world)
    return one_line(caught.value)


def one_line(error: TargetError) -> str:
    assert "\n" not in str(error)
    assert not str(error).endswith(".")
    return str(error)


# --- the cluster ---


@pytest.mark.parametrize("subscription", ["", SHOP, SHOP.upper(), "Shop Production", "shop production"])
@pytest.mark.parametrize(("name", "group"), [("aks-prod", "rg-prod"), ("AKS-Prod", "RG-PROD")])
async def test_a_cluster_is_found_in_any_case(name: str, group: str, subscription: str) -> None:
    assert (await found_cluster(name, group, subscription)).name == "aks-prod"


async def test_an_id_of_a_subscription_needs_no_list() -> None:
    world = azure()
    await found_cluster("aks-prod", "rg-prod", SHOP, world)
    assert [request.path.rsplit("/", 1)[-1] for request in world.asked] == ["aks-prod"]


@pytest.mark.parametrize(
    ("name", "group", "subscription", "said"),
    [
        ("aks-prd", "rg-prod", SHOP, ['cluster "aks-prd"', '"rg-prod"', SHOP, 'nearest: "aks-prod"']),
        ("aks-prod", "rg-stage", SHOP, ['one of that name is in resource group "rg-prod"']),
        ("aks-prod", "rg-prd", SHOP, ['no resource group "rg-prd"', SHOP, 'nearest: "rg-prod"']),
        ("aks-prod", "rg-prod", HUB.replace("2", "3"), [HUB.replace("2", "3"), '"Shop Production"', '"Hub"']),
        ("aks-prod", "rg-prod", "Shop Prod", ['no subscription "Shop Prod"', 'nearest: "Shop Production"']),
        (
            "nowhere",
            "rg-none",
            "",
            ['cluster "nowhere"', '"rg-none"', "none of the 2 subscriptions", '"Shop Production"'],
        ),
        ("aks-prod", "rg-acr", HUB, ['cluster "aks-prod"', HUB]),
    ],
)
async def test_what_is_not_there_is_named_with_what_is(
    name: str, group: str, subscription: str, said: list[str]
) -> None:
    line = await no_cluster(name, group, subscription)
    assert [word for word in said if word not in line] == [], line


async def test_one_name_in_two_subscriptions() -> None:
    twice = azure(*EVERYTHING, cluster_body("aks-prod", subscription=HUB))
    line = await no_cluster("aks-prod", "rg-prod", world=twice)
    assert SHOP in line
    assert HUB in line
    assert (await found_cluster("aks-prod", "rg-prod", HUB, twice)).id.subscription_id == HUB


async def test_two_subscriptions_of_one_name() -> None:
    namesakes = azure(*EVERYTHING, subscription_body(HUB.replace("2", "3"), "hub"))
    line = await no_cluster("aks-prod", "rg-prod", "Hub", namesakes)
    assert HUB in line
    assert "by its id" in line


async def test_no_subscription_at_all() -> None:
    empty = world_of({"format": "aksacr-world", "version": 1, "resources": {}})
    assert "no subscription" in await no_cluster("aks-prod", "rg-prod", world=empty)


def refuse(path: str, status: int = 403, **parts: Any) -> dict[str, Any]:
    return {"path": path.lower(), "below": False, "status": status, **parts}


PROD = at(SHOP, "rg-prod", CLUSTERS, "aks-prod")


async def test_a_cluster_that_may_not_be_read_names_the_permission() -> None:
    line = await no_cluster("aks-prod", "rg-prod", SHOP, azure(refused=(refuse(PROD),)))
    assert "denied (AuthorizationFailed)" in line
    assert line.endswith("needs Microsoft.ContainerService/managedClusters/read")
    listless = azure(refused=(refuse(f"/subscriptions/{SHOP}/providers/{CLUSTERS}"),))
    assert 'no cluster "aks-prd"' in await no_cluster("aks-prd", "rg-prod", SHOP, listless)


async def test_a_refusal_among_several_subscriptions_is_said() -> None:
    line = await no_cluster("aks-prod", "rg-prod", world=azure(refused=(refuse(PROD),)))
    assert "Microsoft.ContainerService/managedClusters/read" in line


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_azure_that_fails_is_one_line(status: int) -> None:
    page = refuse(PROD, status, body="<html>\n<body>busy</body></html>", headers={"retry-after": "0"})
    assert f"({status})" in await no_cluster("aks-prod", "rg-prod", SHOP, azure(refused=(page,)))
    assert "list your subscriptions" in await no_cluster(
        "aks-prod", "rg-prod", world=azure(refused=(refuse("/subscriptions", status),))
    )


class Broken(ListeningWorld):
    """Answers one path with these bytes, or not at all."""

    path = PROD
    given: bytes | None = b""

    def answer(self, request: Request) -> Response:
        if request.path.lower() != self.path.lower():
            return super().answer(request)
        if self.given is None:
            raise ServiceRequestError("Cannot connect to host management.invalid:443")
        response = super().answer(request)
        return type(response)(200, response.headers, self.given)


def broken(path: str, given: bytes | None) -> Broken:
    world = azure()
    made = Broken.__new__(Broken)
    made.__dict__.update(world.__dict__)
    made.path, made.given = path, given
    return made


NOT_A_RESOURCE = [
    pytest.param(b"{}", id="nothing in it"),
    pytest.param(b"<html></html>", id="a page"),
    pytest.param(b'{"id": ', id="half a body"),
    pytest.param(b"", id="empty"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b'"text"', id="a text"),
    pytest.param(b'{"id": "/x", "properties": "text"}', id="wrong inside"),
]


@pytest.mark.parametrize("given", [*NOT_A_RESOURCE, pytest.param(None, id="no answer")])
async def test_a_cluster_in_an_unknown_form_is_one_line(given: bytes | None) -> None:
    assert 'could not read cluster "aks-prod"' in await no_cluster("aks-prod", "rg-prod", SHOP, broken(PROD, given))


@pytest.mark.parametrize("given", [None, b"{}", b"[]"], ids=["no answer", "nothing in it", "a list"])
async def test_one_subscription_that_fails_does_not_hide_the_others(given: bytes | None) -> None:
    """The cluster is in the other subscription, and is found."""
    elsewhere = broken(PROD.replace(SHOP, HUB), given)
    elsewhere.store.put(elsewhere.path.lower(), cluster_body("aks-prod", subscription=HUB))
    assert (await found_cluster("aks-prod", "rg-prod", world=elsewhere)).id == ResourceId(PROD)


# --- the registry ---


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("ShopAcr", "ShopAcr"),
        ("shopacr", "ShopAcr"),
        ("shopacr.azurecr.io", "ShopAcr"),
        ("SHOPACR.AZURECR.IO", "ShopAcr"),
        (" https://shopacr.azurecr.io/ ", "ShopAcr"),
        (at(SHOP, "rg-acr", REGISTRIES, "ShopAcr"), "ShopAcr"),
        (at(SHOP, "RG-ACR", REGISTRIES.lower(), "SHOPACR").lower(), "ShopAcr"),
        (at(SHOP, "rg-acr", REGISTRIES, "ShopAcr").removeprefix("/") + "/", "ShopAcr"),
        ("hubacr", "hubacr"),
        ("hubacr.azurecr.io", "hubacr"),
        (at(HUB, "rg-acr", REGISTRIES, "hubacr"), "hubacr"),
        ("labelled", "labelled"),
        ("labelled-a1b2c3", "labelled"),
        ("labelled-a1b2c3.azurecr.io", "labelled"),
    ],
)
async def test_a_registry_is_found_by_name_login_server_and_id_in_any_subscription(named: str, name: str) -> None:
    assert (await found_registry(named)).name == name


async def test_the_login_server_is_azures_and_never_composed() -> None:
    assert (await found_registry("labelled")).login_server == "labelled-a1b2c3.azurecr.io"


async def test_an_id_is_read_without_looking_around() -> None:
    world = azure()
    await found_registry(at(HUB, "rg-acr", REGISTRIES, "hubacr"), world)
    assert len(world.asked) == 1


async def test_a_registry_beside_the_cluster_is_found_without_looking_further() -> None:
    world = azure()
    await found_registry("shopacr", world)
    assert [request.path.split("/")[2] for request in world.asked] == [SHOP]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("shopacrr", ['no registry "shopacrr"', '"ShopAcr"']),
        ("hubac", ['no registry "hubac"', '"hubacr"']),
        ("shopacrr.azurecr.io", ['"shopacr.azurecr.io"']),
        ("labelled.azurecr.io", ['no registry "labelled.azurecr.io"', '"labelled-a1b2c3.azurecr.io"']),
        ("shopacr.azurecr.cn", ['"shopacr.azurecr.io"']),
        (at(SHOP, "rg-acr", REGISTRIES, "gone"), ["there is no registry /subscriptions/", "gone (ResourceNotFound)"]),
        (at(SHOP, "rg-none", REGISTRIES, "ShopAcr"), ["ResourceGroupNotFound"]),
        (at(SHOP, "rg-acr", "Microsoft.Storage/storageAccounts", "x"), ["is not the id of a container registry"]),
        ("/subscriptions/x", ["is not the id of a container registry"]),
    ],
)
async def test_a_registry_that_is_not_there_is_named_with_its_neighbours(named: str, said: list[str]) -> None:
    line = await no_registry(named)
    assert [word for word in said if word not in line] == [], line


LIST = f"/subscriptions/{SHOP}/providers/{REGISTRIES}"
OTHER_LIST = f"/subscriptions/{HUB}/providers/{REGISTRIES}"


async def test_a_list_that_may_not_be_read_is_said_and_the_search_goes_on() -> None:
    world = azure(refused=(refuse(LIST),))
    assert (await found_registry("hubacr", world)).name == "hubacr"
    line = await no_registry("shopacr", world)
    assert "needs Microsoft.ContainerRegistry/registries/read" in line
    assert SHOP in line
    assert "1 subscription" in await no_registry("nowhere", azure(refused=(refuse(OTHER_LIST),)))


async def test_a_registry_that_may_not_be_read_names_the_permission() -> None:
    named = at(HUB, "rg-acr", REGISTRIES, "hubacr")
    line = await no_registry(named, azure(refused=(refuse(named),)))
    assert "denied (AuthorizationFailed)" in line
    assert line.endswith("needs Microsoft.ContainerRegistry/registries/read")


@pytest.mark.parametrize("given", [*NOT_A_RESOURCE, pytest.param(None, id="no answer")])
async def test_a_registry_in_an_unknown_form_is_one_line(given: bytes | None) -> None:
    named = at(HUB, "rg-acr", REGISTRIES, "hubacr")
    assert f"could not read {named}" in await no_registry(named, broken(named, given))


async def test_a_registry_without_login_server_among_others_does_not_end_the_search() -> None:
    """One that is being created has none yet."""
    young = registry_body("young")
    young["properties"] = {"provisioningState": "Creating"}
    assert (await found_registry("shopacr", azure(*EVERYTHING, young))).name == "ShopAcr"


async def test_names_are_nearest_without_regard_to_case() -> None:
    assert '"ShopAcr"' in await no_registry("SHOPAC")
    assert "nearest" not in await no_registry("zzzzzzzz")
