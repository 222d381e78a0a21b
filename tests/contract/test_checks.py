"""The checks, held against the catalogue: one file a cause, and code, name, title and page agree."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from aksacr.catalogue import GROUPS, UnknownCheckError, every_check, find, group_of

from .tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from aksacr.check import Check

SECTIONS = ("What is read", "Why pulls fail", "What to do")
CODE = re.compile(r"AKA[1-6]\d\d")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Row:
    """A row of the catalogue. Codes, names and titles are a promise to scripts and tickets: they never change."""

    code: str
    name: str
    title: str
    explains: tuple[str, ...]
    refines: tuple[str, ...] = ()


CATALOGUE = (
    Row(
        "AKA101",
        "pull-role-missing",
        "The pulling identity holds a role that grants pull on the registry",
        ("unauthorized-401", "anonymous-token-401"),
    ),
    Row(
        "AKA102",
        "pull-role-on-other-principal",
        "Pull roles on the registry are held by the identity that pulls",
        ("unauthorized-401", "anonymous-token-401"),
        ("AKA101",),
    ),
    Row(
        "AKA103",
        "pull-role-ignored-by-registry-mode",
        "The role held counts in the registry's permission mode",
        ("unauthorized-401", "not-found-repository"),
        ("AKA101",),
    ),
    Row(
        "AKA104",
        "pull-role-condition-excludes-repository",
        "The role's condition admits the repository",
        ("unauthorized-401", "not-found-repository"),
    ),
    Row(
        "AKA105",
        "pull-denied-by-deny-assignment",
        "No deny assignment covers pull on the registry",
        ("unauthorized-401", "forbidden-403"),
    ),
    Row(
        "AKA106",
        "pull-role-not-yet-effective",
        "The grant is old enough to have reached the nodes",
        ("unauthorized-401", "anonymous-token-401"),
    ),
    Row(
        "AKA107",
        "pull-role-only-through-group",
        "The grant does not hang on a group membership",
        ("unauthorized-401", "anonymous-token-401"),
    ),
    Row(
        "AKA111",
        "service-principal-secret-expired",
        "The cluster's service principal has a valid secret",
        ("unauthorized-401", "token-expired"),
    ),
    Row(
        "AKA112",
        "service-principal-missing-or-disabled",
        "The cluster's service principal exists and is enabled",
        ("unauthorized-401",),
    ),
    Row(
        "AKA121",
        "kubelet-identity-off-node-pool",
        "Every node pool carries the kubelet identity",
        ("anonymous-token-401",),
    ),
    Row(
        "AKA122",
        "node-behind-scale-set-model",
        "Node instances run the scale set's latest model",
        ("anonymous-token-401",),
    ),
    Row(
        "AKA123",
        "kubelet-identity-gone",
        "The kubelet identity exists and is the one the cluster knows",
        ("anonymous-token-401",),
    ),
    Row(
        "AKA124",
        "identity-migration-unfinished",
        "Node pools were renewed after the move from service principal to managed identity",
        ("unauthorized-401",),
        ("AKA101",),
    ),
    Row(
        "AKA125",
        "registry-in-other-tenant",
        "Cluster and registry live in one Entra tenant",
        ("anonymous-token-401",),
    ),
    Row(
        "AKA131",
        "arm-audience-tokens-refused",
        "The registry accepts the tokens that the nodes' credential provider asks for",
        ("anonymous-token-401",),
    ),
    Row(
        "AKA201",
        "egress-address-not-allowed",
        "The registry's rules admit every address the nodes leave from",
        ("forbidden-403", "forbidden-firewall"),
    ),
    Row(
        "AKA202",
        "public-access-disabled-without-private-path",
        "A registry closed to the public has a private path from the nodes",
        ("forbidden-403",),
    ),
    Row(
        "AKA203",
        "egress-address-unknown",
        "The address the nodes leave from can be known",
        ("forbidden-403",),
    ),
    Row(
        "AKA204",
        "subnet-rule-mismatch",
        "Service endpoint and registry subnet rule agree",
        ("forbidden-403",),
    ),
    Row(
        "AKA205",
        "network-rules-not-in-effect",
        "The registry's network rules can take effect",
        ("forbidden-403",),
    ),
    Row(
        "AKA211",
        "encryption-key-unreachable",
        "The registry can reach its own encryption key",
        ("forbidden-403", "server-error-5xx"),
    ),
    Row(
        "AKA301",
        "private-dns-zone-not-linked",
        "The nodes' VNet is linked to the registry's private DNS zone",
        ("forbidden-403", "timeout-public-ip"),
    ),
    Row(
        "AKA302",
        "private-dns-record-missing",
        "The linked zone holds a record for every name of the registry",
        ("dns-nxdomain", "forbidden-403", "layer-blob-timeout"),
    ),
    Row(
        "AKA303",
        "private-dns-record-stale",
        "The records point at this registry's private endpoint",
        ("timeout-private-ip", "connection-refused"),
    ),
    Row(
        "AKA304",
        "private-dns-zone-shadowed",
        "No second zone hides the registry's records",
        ("dns-nxdomain",),
    ),
    Row(
        "AKA305",
        "custom-dns-servers-in-the-way",
        "The servers that answer for the nodes' VNet see the private zone",
        ("forbidden-403", "dns-nxdomain"),
    ),
    Row(
        "AKA306",
        "private-dns-link-incomplete",
        "The VNet link is complete",
        ("dns-nxdomain",),
    ),
    Row(
        "AKA311",
        "private-endpoint-not-approved",
        "The private endpoint connection is approved",
        ("timeout-private-ip", "forbidden-403"),
    ),
    Row(
        "AKA321",
        "vnets-not-peered",
        "The nodes' VNet reaches the private endpoint's VNet",
        ("timeout-private-ip",),
    ),
    Row(
        "AKA322",
        "peering-not-connected",
        "The peering is Connected on both sides",
        ("timeout-private-ip",),
    ),
    Row(
        "AKA323",
        "peering-out-of-sync",
        "The peering knows the other side's address space",
        ("timeout-private-ip",),
    ),
    Row(
        "AKA324",
        "peering-blocks-traffic",
        "The peering lets the traffic through",
        ("timeout-private-ip",),
    ),
    Row(
        "AKA331",
        "route-diverts-private-endpoint",
        "The nodes' routes lead to the private endpoint",
        ("timeout-private-ip",),
    ),
    Row(
        "AKA332",
        "nsg-blocks-private-endpoint",
        "Security rules let the nodes reach the private endpoint",
        ("timeout-private-ip",),
    ),
    Row(
        "AKA341",
        "no-egress",
        "The nodes have a way out to a public registry",
        ("timeout-public-ip", "timeout-headers"),
    ),
    Row(
        "AKA342",
        "nsg-blocks-registry",
        "Security rules let the nodes reach the public registry",
        ("timeout-public-ip",),
    ),
    Row(
        "AKA343",
        "firewall-rules-missing",
        "The Azure Firewall on the way admits the registry",
        ("timeout-public-ip", "timeout-private-ip", "tls-handshake-timeout", "connection-eof"),
    ),
    Row(
        "AKA344",
        "proxy-in-the-way",
        "The cluster's HTTP proxy leaves private names alone",
        ("proxy-error", "forbidden-403"),
    ),
    Row(
        "AKA351",
        "layer-endpoint-unreachable",
        "The nodes reach where the layers are stored",
        ("layer-blob-timeout", "layer-blob-forbidden", "connection-eof"),
    ),
    Row(
        "AKA402",
        "image-host-wrong",
        "The image is asked of this registry, by its own name",
        ("dns-nxdomain", "not-found-repository", "tls-hostname", "invalid-reference"),
    ),
    Row(
        "AKA601",
        "cluster-not-running",
        "The cluster and its node pools are running",
        ("any",),
    ),
    Row(
        "AKA602",
        "registry-not-ready",
        "The registry is provisioned and ready",
        ("server-error-5xx", "connection-reset"),
    ),
    Row(
        "AKA603",
        "registry-throttled",
        "The registry's tier carries the load",
        ("rate-limited-429",),
    ),
)


def files() -> list[Path]:
    return sorted(file for file in (ROOT / "checks").glob("*.py") if not file.name.startswith("_"))


def check_of(file: Path) -> Check:
    found = [check for check in every_check() if check.name == file.stem.replace("_", "-")]
    assert found, (
        f"checks/{file.name} is in no list: add {file.stem}.CHECK to ALL in checks/__init__.py, and give its Check the "
        f'name "{file.stem.replace("_", "-")}"'
    )
    return found[0]


def test_every_file_is_in_the_list_once() -> None:
    listed = [check.name.replace("-", "_") for check in every_check()]
    assert sorted(listed) == [file.stem for file in files()], (
        "ALL in checks/__init__.py names every file of checks/ that does not begin with _, once; "
        "a file's name is its check's name with underscores"
    )


def test_the_list_is_in_the_order_of_codes() -> None:
    codes = [check.code for check in every_check()]
    assert codes == sorted(codes), "reports show checks in the list's order, and readers look codes up in it"
    assert len(set(codes)) == len(codes), "a code means one thing"


def test_codes_have_their_form() -> None:
    wrong = [check.code for check in every_check() if not CODE.fullmatch(check.code)]
    assert not wrong, f"a code is AKA and three digits, of which the first is its group (1 to 6): {wrong}"
    assert {group_of(check.code) for check in every_check()} <= set(GROUPS.values())


def test_the_list_is_the_catalogue() -> None:
    assert [check.code for check in every_check()] == [row.code for row in CATALOGUE], (
        "a check was added, removed or renumbered: change the catalogue's rows in this file with it. A code is never "
        "used again for something else, and a retired one stays in the list with what replaced it"
    )


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.code)
def test_a_check_is_what_the_catalogue_says(row: Row) -> None:
    check = find(row.code)
    said = Row(check.code, check.name, check.title, check.explains, check.refines)
    assert said == row, f"scripts and tickets name {row.code} by these words: change the check back, not the row"


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.code)
def test_words_of_a_check(check: Check) -> None:
    assert NAME.fullmatch(check.name), "a name is words in lower case, joined by -"
    assert not re.search(r"\b(check|ensure|verify)\b", check.name), "a name says the fault that is found, not a task"
    assert not check.title.endswith("."), "a title stands beside pass and fail: it has no full stop"
    assert check.title[0].isupper()
    assert check.explains, f"{check.code} explains no symptom: nobody who has one would be led to it"
    assert check.permissions, f"{check.code} documents no permission that its facts need"
    assert check.docs, f"{check.code} links to no page of documentation"
    assert all(link.startswith("https://learn.microsoft.com/") and "/en-us/" not in link for link in check.docs)


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_a_file_is_its_checks_page(file: Path) -> None:
    page = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")), clean=False)
    assert page, f"checks/{file.name} has no docstring: it is the page that `aksacr checks` shows"
    check = check_of(file)
    assert check.page == page, f"{check.code}: give page=__doc__, so that the page is written once"
    first, _, rest = page.partition("\n")
    assert first.endswith("."), "the first line is a sentence: the fault that is found"
    assert rest.startswith("\n"), "an empty line follows the first"
    headings = tuple(line for line in rest.splitlines() if line and not line.startswith(" "))
    assert headings == SECTIONS, f"a page has three sections, {SECTIONS}: other prose becomes filler"
    bodies = re.split(r"^\S.*$", rest, flags=re.MULTILINE)[1:]
    *why, what_to_do = bodies
    assert all(len(body.split()) >= 10 for body in why), "every section says something"
    assert len(what_to_do.split()) >= 3, "what to do is a sentence, however short"
    assert all(body.rstrip().endswith(".") for body in bodies)


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.code)
def test_a_check_is_found_by_code_name_and_alias_in_any_case(check: Check) -> None:
    for form in (check.code, check.name, *check.aliases):
        for word in (form, form.upper(), form.lower(), f" {form.title()} ", form.replace("-", "_")):
            assert find(word) is check


def test_no_word_means_two_checks() -> None:
    words = [form.lower() for check in every_check() for form in (check.code, check.name, *check.aliases)]
    assert len(set(words)) == len(words)


def test_an_unknown_check_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownCheckError, match=r"nearest: .*pull-role-missing"):
        find("pull-role-mising")


def test_what_a_check_refines_is_in_the_list() -> None:
    codes = {check.code for check in every_check()}
    assert all(set(check.refines) <= codes - {check.code} for check in every_check())
