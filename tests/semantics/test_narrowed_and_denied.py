"""What narrows a grant: conditions that admit some repositories, and deny assignments."""

from __future__ import annotations

import pytest

from aksacr.facts import REPOSITORY_READER, DenyAssignment, Permission, ResourceId, Seen, UnseenError
from aksacr.semantics.authorization import (
    EVERYONE,
    PULL_ACTION,
    PULL_DATA_ACTIONS,
    ConditionVerdict,
    access,
    denials,
    repository_of,
)

from .building import GROUP, PRINCIPAL, REFUSED, assignment, cluster, facts, permission, registry

CONTENT, METADATA = PULL_DATA_ACTIONS
ABAC = "AbacRepositoryPermissions"
NARROW = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals 'shop/cart'"
UNKNOWN_ATTRIBUTE = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:a_b] StringEquals 'x'"


@pytest.mark.parametrize(
    ("condition", "version", "image", "verdict"),
    [
        ("", "", None, "none"),
        (" \n ", "", None, "none"),
        (NARROW, "2.0", "shop/cart", "admits"),
        (NARROW, "2.0", "shopacr.azurecr.io/shop/cart:v1@sha256:00", "admits"),
        (NARROW, "", "shop/cart:v1", "admits"),
        (NARROW, "1.0", "shop/cart", "admits"),
        (NARROW, "2.0", "shop/other", "excludes"),
        (NARROW, "2.0", None, "needs-repository"),
        (NARROW, "3.0", "shop/cart", "unparsable"),
        ("what is this?", "2.0", "shop/cart", "unparsable"),
        (UNKNOWN_ATTRIBUTE, "2.0", "shop/cart", "undecidable"),
        (UNKNOWN_ATTRIBUTE, "2.0", None, "undecidable"),
        (f"{NARROW} && {UNKNOWN_ATTRIBUTE}", "2.0", "shop/other", "excludes"),
        (f"{NARROW} || {UNKNOWN_ATTRIBUTE}", "2.0", "shop/cart", "admits"),
        (f"!(ActionMatches{{'{CONTENT}'}})", "2.0", None, "excludes"),  # no repository could change that
        (f"ActionMatches{{'{CONTENT}'}} || ActionMatches{{'{METADATA}'}}", "2.0", None, "admits"),
    ],
)
def test_what_a_condition_says_of_the_repository(
    condition: str, version: str, image: str | None, verdict: ConditionVerdict
) -> None:
    narrowed = assignment(REPOSITORY_READER, condition=condition, condition_version=version)
    made = facts(role_assignments=Seen((narrowed,)), registry=registry(role_assignment_mode=ABAC), image=image)
    [held] = access(made).held
    assert held.condition == verdict
    assert bool(held.condition_note) is (verdict in {"unparsable", "undecidable"}), "what cannot be told says why"


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        (None, None),
        ("", None),
        ("cart", "cart"),
        ("cart:v1", "cart"),
        ("shop/cart:v1", "shop/cart"),
        ("shopacr.azurecr.io/cart", "cart"),
        ("shopacr.azurecr.io/shop/cart@sha256:00", "shop/cart"),
        ("shopacr.azurecr.io/shop/cart:v1@sha256:00", "shop/cart"),
        ("https://shopacr.azurecr.io/shop/cart", "shop/cart"),
        ("localhost:5000/cart:v1", None),
        ("shop/cart.api", "shop/cart.api"),
    ],
)
def test_the_repository_of_an_image(image: str | None, repository: str | None) -> None:
    assert repository_of(facts(image=image)) == repository


# --- deny assignments ---

ME, ALL, OTHERS = frozenset({PRINCIPAL}), frozenset({EVERYONE}), frozenset({"somebody-else"})
NOBODY = frozenset[str]()


@pytest.mark.parametrize(
    ("denied", "principals", "excluded", "mode", "bears"),
    [
        (permission("*"), ME, NOBODY, "", True),
        (permission("*"), ALL, NOBODY, "", True),
        (permission(PULL_ACTION.upper()), ALL, NOBODY, "", True),
        (permission("*"), ALL, ME, "", False),
        (permission("*"), ME, ME, "", False),
        (permission("*"), OTHERS, NOBODY, "", False),
        (permission("*/write"), ALL, NOBODY, "", False),
        (permission("*", but=["*/read"]), ALL, NOBODY, "", False),
        (permission(data=["*"]), ALL, NOBODY, "", False),
        (permission(data=["*"]), ALL, NOBODY, ABAC, True),
        (permission(data=[METADATA]), ALL, NOBODY, ABAC, True),  # one of the two is enough to stop a pull
        (permission("*"), ALL, NOBODY, ABAC, False),
        (permission(data=["*"], but_data=["*/read"]), ALL, NOBODY, ABAC, False),
    ],
)
def test_deny_assignments(
    denied: Permission, principals: frozenset[str], excluded: frozenset[str], mode: str, bears: bool
) -> None:
    made = DenyAssignment(
        id=ResourceId(f"{GROUP}/providers/Microsoft.Authorization/denyAssignments/x"),
        name="x",
        scope=ResourceId(GROUP),
        permissions=(permission("x/y"), denied),
        principal_ids=principals,
        excluded_principal_ids=excluded,
    )
    found = facts(deny_assignments=Seen((made,)), registry=registry(role_assignment_mode=mode))
    assert denials(found) == ([made] if bears else [])


def test_unseen_deny_assignments_deny_nothing_and_allow_nothing() -> None:
    with pytest.raises(UnseenError) as caught:
        denials(facts(deny_assignments=REFUSED))
    assert caught.value.unseen is REFUSED


def test_without_a_denial_the_principal_need_not_be_known() -> None:
    by_principal = cluster(kubelet_identity=None, service_principal_client_id="app-id")
    assert denials(facts(cluster=by_principal, service_principal=REFUSED)) == []
