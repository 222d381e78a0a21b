"""Which hosts the nodes ask for past the cluster's HTTP proxy, as programs on a node read NO_PROXY."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.facts import HttpProxy
from aksacr.semantics.egress import proxy_of
from aksacr.semantics.proxy import METADATA_SERVICE, bypasses

from .building import cluster, facts, pool

REGISTRY = "shopacr.azurecr.io"


@pytest.mark.parametrize(
    ("entry", "host", "past"),
    [
        (REGISTRY, REGISTRY, True),
        (REGISTRY.upper(), REGISTRY, True),
        (REGISTRY, "ShopACR.AzureCR.io.", True),
        (f" {REGISTRY} ", REGISTRY, True),
        (f".{REGISTRY}", REGISTRY, True),
        ("azurecr.io", REGISTRY, True),
        (".azurecr.io", REGISTRY, True),
        (".azurecr.io", "shopacr.westeurope.data.azurecr.io", True),
        ("io", REGISTRY, True),
        ("cr.io", REGISTRY, False),
        ("opacr.azurecr.io", REGISTRY, False),
        ("shopacr", REGISTRY, False),
        ("privatelink.azurecr.io", REGISTRY, False),
        (REGISTRY, "other.azurecr.io", False),
        (f"x.{REGISTRY}", REGISTRY, False),
        ("*", REGISTRY, True),
        ("*.azurecr.io", REGISTRY, False),  # a wildcard stands alone, or for nothing
        ("shopacr.*", REGISTRY, False),
        ("", REGISTRY, False),
        (" ", REGISTRY, False),
        (".", REGISTRY, False),
        (f"{REGISTRY}:443", REGISTRY, True),
        ("azurecr.io:443", REGISTRY, True),
        # Addresses and ranges hold for hosts that are written as addresses, and for no name.
        (METADATA_SERVICE, METADATA_SERVICE, True),
        ("169.254.0.0/16", METADATA_SERVICE, True),
        ("169.254.169.0/28", METADATA_SERVICE, False),
        ("169.254.169.25", METADATA_SERVICE, False),
        ("169.254.169.254:80", METADATA_SERVICE, True),
        ("0.0.0.0/0", METADATA_SERVICE, True),
        ("0.0.0.0/0", REGISTRY, False),
        ("10.0.0.0/8", REGISTRY, False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("2001:db8::1", "2001:db8::1", True),
        ("10.0.0.0/33", "10.0.0.1", False),
    ],
)
def test_an_entry_of_no_proxy(entry: str, host: str, past: bool) -> None:
    assert bypasses((entry,), host) is past
    assert bypasses(("localhost", entry, "10.0.0.0/8x"), host) is past


def test_without_entries_all_goes_to_the_proxy() -> None:
    assert not bypasses((), REGISTRY)


@given(st.lists(st.text(max_size=12), max_size=4).map(tuple), st.text(max_size=12))
def test_any_entry_is_read(entries: tuple[str, ...], host: str) -> None:
    """What an operator typed is never an error, and one entry more only takes hosts past the proxy."""
    assert bypasses((*entries, "*"), host)
    assert bypasses((*entries, "x"), host) >= bypasses(entries, host)


@pytest.mark.parametrize(
    ("proxy", "os_type", "taken_by"),
    [
        (None, "Linux", ""),
        (HttpProxy("http://a", "http://b", ()), "Linux", "http://b"),
        (HttpProxy("http://a", "", ()), "Linux", "http://a"),
        (HttpProxy("", "", ()), "Linux", ""),
        (HttpProxy("http://a", "http://b", (".azurecr.io",)), "Linux", ""),
        (HttpProxy("http://a", "http://b", (".azurecr.cn",)), "Linux", "http://b"),
        (HttpProxy("http://a", "http://b", ()), "Windows", ""),  # Windows nodes do not use it
        (HttpProxy("http://a", "http://b", ()), "WINDOWS", ""),
    ],
)
def test_the_proxy_that_takes_a_pools_requests(proxy: HttpProxy | None, os_type: str, taken_by: str) -> None:
    assert proxy_of(facts(cluster=cluster(http_proxy=proxy)), pool(os_type=os_type), REGISTRY) == taken_by
