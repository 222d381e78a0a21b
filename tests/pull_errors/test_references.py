"""Image references by the OCI grammar, hosts, addresses."""

from __future__ import annotations

import pytest

from aksacr.pull_errors.addresses import is_address, kind_of
from aksacr.pull_errors.references import is_acr_host, is_storage_host, parse_reference, registry_name

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "host", "repository", "tag", "digest"),
    [
        ("busybox", None, "busybox", None, None),
        ("contoso/app:1", None, "contoso/app", "1", None),
        ("contosoreg.azurecr.io/a/b.c__d-e:V1.0_x", "contosoreg.azurecr.io", "a/b.c__d-e", "V1.0_x", None),
        ("localhost:5000/a", "localhost:5000", "a", None, None),
        ("localhost/a:1", "localhost", "a", "1", None),
        ("[::1]:5000/a:1", "[::1]:5000", "a", "1", None),
        (f"quay.io/a@{DIGEST}", "quay.io", "a", None, DIGEST),
        (f"quay.io/a:1@{DIGEST}", "quay.io", "a", "1", DIGEST),
        ("CONTOSO.azurecr.io/a:1", "CONTOSO.azurecr.io", "a", "1", None),
        ("***.azurecr.io/a:1", "***.azurecr.io", "a", "1", None),
        ("<acrname>.azurecr.io/a:<tag>", "<acrname>.azurecr.io", "a", "<tag>", None),
    ],
)
def test_references(text: str, host: str | None, repository: str, tag: str | None, digest: str | None) -> None:
    reference = parse_reference(text)
    assert reference is not None
    assert (reference.host, reference.repository, reference.tag, reference.digest) == (host, repository, tag, digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/B",
        "contosoreg.azurecr.io/Shop/Cart:1",
        "https://contosoreg.azurecr.io/a",
        "a b",
        "a::b",
        "a/",
        "/a",
        "a:",
        "contosoreg.azurecr.io/ repository:tag>",
        "contosoreg.azurecr.io/<> repository:tag",
        "a@sha256:short",
        "-a/b",
        "a..b",
        "a/b_-c",
        "x" * 600,
    ],
)
def test_what_is_no_reference(text: str) -> None:
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.32.0.1", "public"),
        ("192.168.1.1", "private"),
        ("169.254.169.254", "private"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("203.0.113.9", "public"),
        ("198.51.100.1", "public"),
        ("192.0.2.1", "public"),
        ("100.64.0.1", "public"),
        ("fe80::1", "private"),
        ("fd00::1", "private"),
        ("2603:1030::1", "public"),
        ("::ffff:10.0.0.1", "private"),
        ("<acrprivateipaddress>", "private"),
        ("xx.xx.xx.xx", None),
        ("10.x.x.x", "private"),
        ("***", None),
        (None, None),
    ],
)
def test_kinds_of_addresses(text: str | None, kind: str | None) -> None:
    assert kind_of(text) == kind
    assert text is None or is_address(text)


@pytest.mark.parametrize("text", ["contosoreg.azurecr.io", "1.2.3", "300.1.1.1", "tcp", "lookup", ""])
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_hosts_of_azure_are_told_from_others() -> None:
    for host in (
        "contosoreg.azurecr.io",
        "CONTOSO.AZURECR.CN",
        "contosoreg.azurecr.us:443",
        "contosoreg.eastus2.geo.azurecr.io",
    ):
        assert is_acr_host(host)
    for host in ("azurecr.io.contoso.example", "contosoreg.azureacr.io", "docker.io", None):
        assert not is_acr_host(host)
    for host in ("a.blob.core.windows.net", "contosoreg.eastus.data.azurecr.io", "production.cloudflare.docker.com"):
        assert is_storage_host(host)
    assert not is_storage_host("contosoreg.azurecr.io")


def test_a_domain_label_is_no_part_of_the_name() -> None:
    assert registry_name("contosoreg-a1b2c3.azurecr.io") == "contosoreg"
    assert registry_name("contosoreg.eastus.data.azurecr.io") == "contosoreg"
    assert registry_name("***.azurecr.io") is None
