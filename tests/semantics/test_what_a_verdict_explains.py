"""Some findings explain an error that their check, by its nature, does not."""

from __future__ import annotations

from dataclasses import replace

from aksacr.catalogue import every_check
from aksacr.check import Status, Verdict, across_pools
from aksacr.diagnosis import SeenErrors, diagnose
from aksacr.observed import observed_in
from aksacr.runner import Judged

from .building import facts

SEEN = {"symptom": "dns-timeout", "stage": "resolve", "host": "shopacr.azurecr.io", "image": None}


def judged(*explains: str) -> list[Judged]:
    [check] = [item for item in every_check() if item.code == "AKA305"]
    return [Judged(check, Verdict(Status.FAIL, "Nothing answers there. Pulls fail.", explains=explains))]


def summary(items: list[Judged]) -> str:
    found = facts()
    errors = SeenErrors(observed_in([SEEN]), frozenset(), found.registry.login_server)
    return diagnose(items, found.cluster.name, found.registry.name, errors).summary


def test_an_error_that_a_verdict_explains_is_explained() -> None:
    assert "is not explained" in summary(judged())
    assert "is not explained" not in summary(judged("dns-timeout"))


def test_what_the_verdicts_of_pools_explain_is_explained() -> None:
    plain = Verdict(Status.FAIL, "a.")
    joined = across_pools([("a", plain), ("b", replace(plain, message="b.", explains=("dns-timeout",)))])
    assert joined.explains == ("dns-timeout",)
