"""What is said to somebody who waits for Azure."""

from __future__ import annotations

import pytest

from aksacr.azure.activity import Activity, kind_of

ARM = "https://management.example/subscriptions/1"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        (f"{ARM}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v?api-version=1", "virtual networks"),
        (f"{ARM}/providers/Microsoft.Network/publicIPAddresses", "public ip addresses"),
        (
            f"{ARM}/resourceGroups/rg/providers/A.B/registries/r/providers/Microsoft.Authorization/roleAssignments",
            "role assignments",
        ),
        (
            f"{ARM}/resourceGroups/rg/providers/A.B/scaleSets/s/virtualMachines/0/networkInterfaces",
            "network interfaces",
        ),
        (ARM, "subscriptions"),
        (f"{ARM}/resourceGroups/rg", "resource groups"),
        ("https://graph.example/v1.0/servicePrincipals(appId='6002')", "service principals"),
        ("https://graph.example/v1.0/%1b[2J", "other"),
        ("https://graph.example", "other"),
    ],
)
def test_a_request_is_named_by_the_kind_of_what_it_asks_for(url: str, kind: str) -> None:
    assert kind_of(url) == kind


def test_it_counts_answers_and_what_is_under_way() -> None:
    activity = Activity()
    assert activity.words() == "signing in"
    with activity.asking(ARM), activity.asking(ARM), activity.asking(f"{ARM}/resourceGroups/rg"):
        assert activity.words() == "0 answers, 3 under way: subscriptions, resource groups"
    assert activity.words() == "3 answers"
    with pytest.raises(ValueError, match="gone"), activity.asking(ARM):
        raise ValueError("gone")
    assert activity.words() == "4 answers"


def test_many_kinds_are_not_all_named() -> None:
    activity = Activity()
    urls = [f"{ARM}/providers/A.B/{kind}" for kind in ("alpha", "beta", "gamma", "delta")]
    with activity.asking(urls[0]), activity.asking(urls[1]), activity.asking(urls[2]), activity.asking(urls[3]):
        assert activity.words() == "0 answers, 4 under way: alpha, beta, gamma, ..."
