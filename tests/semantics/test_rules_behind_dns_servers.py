"""DNS servers that Azure does not place: whether the registry's rules are asked at all is up to what they answer."""

from __future__ import annotations

from typing import Any

import pytest

from aksacr.catalogue import every_check
from aksacr.facts import Facts, Seen, SubnetRule
from aksacr.runner import run

from .building import addresses, connection, endpoint, endpoint_id, facts, interface, networks, selected_networks
from .building import subnet as subnet_of
from .building import vnet as network_of

WITH_SERVICE_ENDPOINT = subnet_of(service_endpoints=("Microsoft.ContainerRegistry",))


def asking(*servers: str, subnet: Any = None, rules: tuple[str, ...] = (), **changes: Any) -> Facts:
    """A registry that admits `rules` only, with a private endpoint somewhere; the nodes ask these DNS servers."""
    vnet = network_of(dns_servers=servers, subnets=(subnet or subnet_of(),))
    return facts(
        registry=selected_networks(*rules, endpoint_connections=(connection(),)),
        virtual_networks=networks(vnet),
        private_endpoints={endpoint_id(): Seen(endpoint())},
        endpoint_addresses={endpoint_id(): Seen(interface("10.1.0.9"))},
        public_addresses=addresses(outbound="20.0.0.1"),
        **changes,
    )


def status(found: Facts, code: str) -> str:
    [judged] = run(found, [item for item in every_check() if item.code == code])
    return judged.verdict.status


@pytest.mark.parametrize(
    ("servers", "rules", "expected"),
    [
        ((), (), "fail"),
        (("172.20.1.10",), (), "unknown"),
        (("172.20.1.10",), ("20.0.0.1",), "pass"),
    ],
)
def test_an_address_that_is_not_admitted(servers: tuple[str, ...], rules: tuple[str, ...], expected: str) -> None:
    assert status(asking(*servers, rules=rules), "AKA201") == expected


def test_a_refusal_that_was_seen_says_where_requests_go() -> None:
    found = asking("172.20.1.10", quoted_clients=("20.0.0.1",))
    assert status(found, "AKA201") == "fail"


@pytest.mark.parametrize(("servers", "expected"), [((), "fail"), (("172.20.1.10",), "unknown")])
def test_a_service_endpoint_that_no_rule_names(servers: tuple[str, ...], expected: str) -> None:
    assert status(asking(*servers, subnet=WITH_SERVICE_ENDPOINT), "AKA204") == expected


@pytest.mark.parametrize(
    ("rules", "expected"), [((), "unknown"), (("20.0.0.1",), "pass")], ids=["not-admitted", "admitted-by-address"]
)
def test_a_rule_without_the_service_endpoint(rules: tuple[str, ...], expected: str) -> None:
    named = Seen((SubnetRule(subnet_of().id, "Allow"),))
    assert status(asking("172.20.1.10", rules=rules, subnet_rules=named), "AKA204") == expected
