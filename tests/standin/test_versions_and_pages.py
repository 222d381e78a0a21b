"""What an api-version shows of a registry, and lists in pages."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from .worlds import NETWORK, REGISTRY, Json, ask, recorded, resource, world_of

ZEROS = "/subscriptions/00000000-0000-0000-0000-000000000000"
ZONE = f"{ZEROS}/resourceGroups/clitest000001/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"


@pytest.mark.parametrize(
    ("version", "mode", "subnet_key", "regional"),
    [
        ("2021-06-01-preview", False, "id", False),
        ("2021-08-01-preview", False, "id", False),
        ("2021-09-01", False, None, False),
        ("2023-11-01-preview", False, None, False),
        ("2025-03-01-preview", True, None, False),
        ("2025-04-01", False, None, False),
        ("2025-11-01", True, None, False),
        ("2026-01-01-preview", True, "virtualNetworkSubnetResourceId", False),
        ("2026-03-01-preview", True, "virtualNetworkSubnetResourceId", True),
    ],
)
def test_a_registry_shows_what_its_api_version_knows(
    version: str, mode: bool, subnet_key: str | None, regional: bool
) -> None:
    rules: Json = {
        "defaultAction": "Deny",
        "ipRules": [],
        "virtualNetworkRules": [{"action": "Allow", "id": f"{NETWORK}/hub/subnets/nodes"}],
    }
    inside: Json = {
        "roleAssignmentMode": "AbacRepositoryPermissions",
        "networkRuleSet": rules,
        "regionalEndpoints": "Enabled",
    }
    world = world_of([resource(REGISTRY, inside)])
    wanted: dict[str, Json] = {"defaultAction": "Deny", "ipRules": []}
    if subnet_key:
        wanted["virtualNetworkRules"] = [{"action": "Allow", subnet_key: f"{NETWORK}/hub/subnets/nodes"}]
    for prefix in ("", "value.0."):
        path = f"{REGISTRY.rpartition('/')[0] if prefix else REGISTRY}?api-version={version}"
        shown = ask(world, path)[f"{prefix}properties"]
        assert isinstance(shown, dict)
        assert shown["networkRuleSet"] == wanted
        assert ("roleAssignmentMode" in shown, "regionalEndpoints" in shown) == (mode, regional)


def test_pages_follow_an_absolute_link_to_the_end() -> None:
    private = recorded("recorded_private_endpoint")
    path = f"{private.target.registry}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()"
    whole = ask(private, path).names()
    private.page_size = 25
    try:
        names: list[str] = []
        page = ask(private, path)
        pages = 1
        while isinstance(page.json, dict) and "nextLink" in page.json:
            names += page.names()
            link = page.text("nextLink")
            assert urlsplit(link).netloc == "management.azure.com"
            page, pages = ask(private, link), pages + 1
            assert pages <= 5, "the links lead in a circle"
    finally:
        private.page_size = None
    assert names + page.names() == whole
    assert (pages, len(whole)) == (5, 112)


def test_top_limits_a_page() -> None:
    private = recorded("recorded_private_endpoint")
    page = ask(private, f"{ZONE}/A?$top=1")
    assert page.names() == ["testreg000002.westus.data"]
    assert ask(private, page.text("nextLink")).names() == ["testreg000002"]
