"""Words that several troubles share, and short texts: what decides is what they stand beside."""

from __future__ import annotations

import pytest

from aksacr.misspelling import one_slip_apart
from aksacr.pull_errors import next_command, read_errors

FAILED = 'Failed to pull image "clireg000002.azurecr.io/a:v1": '


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("unexpected status: 503 Service Unavailable: please try again later", "server-error-5xx"),
        ("toomanyrequests: please try again later", "rate-limited-429"),
        ("unauthorized: authentication required, please try again", "unauthorized-401"),
        ("dial tcp: lookup clireg000002.azurecr.io on 10.0.0.10:53: Try again", "dns-server-failure"),
        ("dial tcp: lookup clireg000002.azurecr.io: Try again", "dns-server-failure"),
        ("dial tcp: lookup clireg000002.azurecr.io on 10.0.0.10:53: server misbehaving", "dns-server-failure"),
        ("clireg000002.azurecr.io: Temporary failure in name resolution", "dns-server-failure"),
        ("dial tcp: lookup clireg000002.azurecr.io: i/o timeout, please try again", "dns-timeout"),
    ],
)
def test_try_again_is_of_the_resolver_only_behind_a_lookup(text: str, symptom: str) -> None:
    assert read_errors(FAILED + text).errors[0].symptom == symptom


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("toomanyrequests: Too many requests", "rate-limited-429"),
        ("429 Too Many Requests", "rate-limited-429"),
        ("unexpected status: 429 Too Many Requests", "rate-limited-429"),
        ("dial tcp: lookup clireg000002.azureacr.io on 168.63.129.16:53: no such host", "dns-nxdomain"),
        ("dial tcp: lookup clireg000002.azurerc.io on 168.63.129.16:53: no such host", "dns-nxdomain"),
        ("dial tcp: lookup shop.azure.com on 168.63.129.16:53: no such host", "not-a-pull-error"),
        ("dial tcp: lookup orders.azurite.io on 168.63.129.16:53: no such host", "not-a-pull-error"),
        ("The storage account answered 429 Too Many Requests to GET /containers", "not-a-pull-error"),
        ('{"error":{"code":"TooManyRequests","message":"The request is being throttled"}}', "not-a-pull-error"),
    ],
)
def test_a_short_text_is_a_pull_error_where_only_a_pull_says_so(text: str, symptom: str) -> None:
    (error,) = read_errors(text).errors
    assert error.symptom == symptom
    if symptom == "rate-limited-429" and "429" in text:
        assert error.http_status == 429


def test_a_lookup_of_a_misspelt_registry_is_found_in_a_long_log() -> None:
    line = "dial tcp: lookup clireg000002.azureacr.io on 168.63.129.16:53: no such host\n"
    (error,) = read_errors("nothing to see here\n" * 4_000 + line).errors
    assert (error.symptom, error.host) == ("dns-nxdomain", "clireg000002.azureacr.io")


def test_a_misspelt_host_is_shown_to_the_check_and_not_taken_for_the_registry() -> None:
    text = (
        'Failed to pull image "clireg000002.azureacr.io/a:v1": dial tcp: lookup clireg000002.azureacr.io on '
        "168.63.129.16:53: no such host"
    )
    command = next_command(read_errors(text).errors[0])
    assert command is not None
    assert '--acr "$ACR" --image clireg000002.azureacr.io/a:v1' in command


@pytest.mark.parametrize(
    ("name", "apart"),
    [
        ("azureacr.io", True),
        ("azurcr.io", True),
        ("azurerc.io", True),
        ("azurecr.oi", True),
        ("acurecr.io", True),
        ("AZURECR.IO", False),
        ("azurecr.com", False),
        ("azure.io", False),
        ("", False),
    ],
)
def test_one_slip_is_one_letter_or_two_exchanged(name: str, apart: bool) -> None:
    assert one_slip_apart(name, "azurecr.io") is apart
    assert one_slip_apart("azurecr.io", name) is apart
