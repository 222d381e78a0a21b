"""What was worked out from facts is kept with them, and with no others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from aksacr.facts import ResourceId, UnseenError
from aksacr.semantics.remembering import remembered

from .building import REFUSED, facts, network_id, peering, pool, vnet

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, VirtualNetwork

ASKED: list[object] = []


@pytest.fixture(autouse=True)
def nothing_was_asked() -> None:
    ASKED.clear()


@remembered
def length_of(facts: Facts, vnet: VirtualNetwork, end: ResourceId, name: str = "") -> tuple[str, int]:
    ASKED.append(vnet)
    return end.key + name, len(vnet.peerings) + len(facts.cluster.node_pools)


@remembered
def hidden(facts: Facts, pool: NodePool) -> int:
    ASKED.append(pool)
    raise UnseenError(REFUSED)


def test_the_same_question_is_worked_out_once() -> None:
    known, start = facts(), vnet()
    first = length_of(known, start, network_id("b"))
    assert length_of(known, start, ResourceId(network_id("B").text.upper())) is first
    assert len(ASKED) == 1


def test_other_arguments_are_another_question() -> None:
    known, start = facts(), vnet("a")
    answers = {
        length_of(known, start, network_id("b")),
        length_of(known, start, network_id("b0")),
        length_of(known, start, network_id("b"), "name"),
        length_of(known, start, network_id("b"), name="other"),
        length_of(known, vnet("a", peering("c")), network_id("b")),
    }
    assert len(answers) == len(ASKED) == 5


def test_a_network_that_was_let_go_leaves_its_place_to_no_other() -> None:
    known = facts()
    for count in range(50):
        made = vnet("a", *[peering(f"n{number}") for number in range(count)])
        assert length_of(known, made, network_id("b"))[1] == count + 1


def test_changed_facts_know_nothing_of_those_they_were_made_from() -> None:
    known, start = facts(), vnet()
    before = length_of(known, start, network_id("b"))
    changed = replace(known, cluster=replace(known.cluster, node_pools=(pool(), pool("pool2"))))
    assert changed.worked_out == {}
    assert length_of(changed, start, network_id("b"))[1] == before[1] + 1
    assert length_of(known, start, network_id("b")) == before


def test_what_was_not_seen_is_said_again() -> None:
    known, asked = facts(), pool()
    for _ in range(2):
        with pytest.raises(UnseenError) as error:
            hidden(known, asked)
        assert error.value.unseen is REFUSED
    assert len(ASKED) == 1


def test_what_was_worked_out_is_no_part_of_the_facts() -> None:
    one, other = facts(), facts()
    length_of(one, vnet(), network_id("b"))
    assert one == other
    assert "worked_out" not in repr(one)
