"""What reports of clusters kept aside say in words: whose fault it is, what follows from what, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aksacr.report.text import render_text

from .commands import commands_of
from .examination import report_of
from .subjects import SUBJECTS

if TYPE_CHECKING:
    from aksacr.report import model

assert len(SUBJECTS) > 1  # importing them enters the clusters


def _check(name: str, code: str) -> model.CheckResult:
    return next(check for check in report_of(name).checks if check.code == code)


def _text(name: str) -> str:
    return " ".join(render_text(report_of(name), width=200, colour=False).split())


def _fixes(name: str, code: str) -> str:
    fixes = _check(name, code).fixes
    return " ".join(" ".join((fix.summary, *fix.commands, fix.caveat or "")) for fix in fixes)


def _wrong(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=reason)


def test_a_dropped_range_is_mended_for_login_and_layers() -> None:
    fixes = _fixes("subnet_dropped_with_policies", "AKA331")
    assert "10.61.1.5" in fixes
    assert "10.61.1.4" in fixes


def test_both_stale_records_are_mended() -> None:
    records = {
        command.one("-n"): command.one("-a")
        for command in commands_of(report_of("records_of_the_old_endpoint"))
        if command.verb.endswith("add-record")
    }
    assert records == {"harbourimages": "10.61.1.5", "harbourimages.swedencentral.data": "10.61.1.4"}


@pytest.mark.parametrize("name", ["records_of_the_old_endpoint", "record_left_behind", "stale_and_hidden"])
def test_nobody_reaches_a_registry_by_a_stale_record(name: str) -> None:
    assert " reaches " not in _check(name, "AKA351").message


def test_a_subnet_without_its_nat_gateway_is_given_one() -> None:
    fixes = _fixes("nat_gateway_forgotten", "AKA341")
    assert "NAT gateway" in fixes
    assert "snet-apps" in fixes
    assert "on purpose" not in fixes


def test_a_default_route_that_drops_is_shown_and_mended() -> None:
    check = _check("one_pool_without_way_out", "AKA341")
    assert any("routetables" in item.source.lower() for item in check.evidence)
    assert "route-0" in _fixes("one_pool_without_way_out", "AKA341")


def test_one_endpoint_is_advised_for_one_network() -> None:
    assert len(_check("blocked_outbound", "AKA341").fixes) == 2


@pytest.mark.parametrize("name", ["closed_with_address_rules", "closed_and_role"])
def test_no_first_fix_begins_with_or(name: str) -> None:
    assert not _check(name, "AKA202").fixes[0].summary.startswith("Or ")


def test_addresses_to_admit_are_named_where_they_are_asked_for() -> None:
    assert "AKA201 names" not in _fixes("closed_with_address_rules", "AKA202")


@pytest.mark.parametrize(
    ("name", "other"),
    [("link_and_role", "AKA101"), ("link_and_rule", "AKA332"), ("record_and_peering", "AKA324")],
)
def test_an_effect_follows_from_its_own_cause(name: str, other: str) -> None:
    _, _, follows = _text(name).partition("This follows from ")
    assert other not in follows.partition("; mend")[0]


@pytest.mark.parametrize("name", ["records_of_the_old_endpoint", "endpoint_rejected"])
def test_private_addresses_that_do_not_answer_time_out(name: str) -> None:
    assert "403" not in _check(name, "AKA202").message


def test_only_servers_without_a_place_are_said_to_have_none() -> None:
    message = _check("one_dns_server_on_premises", "AKA305").message
    assert "10.3.3.3" in message
    assert "10.90.4.4 and 10.3.3.3" not in message


def test_servers_that_answer_differently_are_told_apart() -> None:
    message = _check("second_server_not_linked", "AKA305").message
    assert "does not show where" not in message
    assert "vnet-HubB" in message


def test_a_network_that_is_gone_is_said_to_be_gone() -> None:
    assert "has no peering back" not in _check("hub_deleted", "AKA322").message


def test_a_lost_connection_does_not_wait_for_approval() -> None:
    assert "until it is approved" not in _check("endpoint_disconnected", "AKA311").message


def test_a_load_balancer_is_a_way_out_though_its_address_is_not_seen() -> None:
    assert _check("own_prefix_not_readable", "AKA341").status == "pass"


@pytest.mark.parametrize(
    ("name", "own", "other"),
    [
        ("other_half_gone", "vnet-Hub", "vnet-hub"),
        ("firewall_names_other_registry", "Pol-Hub", "pol-hub"),
        ("one_pool_dropped", "rt-snet-apps", "RT-SNET-APPS"),
    ],
)
@_wrong("names come from what points at a resource, not from the resource that was read")
def test_names_are_those_of_the_resources(name: str, own: str, other: str) -> None:
    text = _text(name)
    assert own in text
    assert f" {other} " not in text
