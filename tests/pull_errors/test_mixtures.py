"""Several failures in one text, failures among other lines, and texts that only share the words."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from aksacr.pull_errors import read_errors

from .corpus import ALL, OTHERS, PULLS, Labelled

_ANONYMOUS = (
    ', rpc error: code = Unknown desc = failed to pull and unpack image "{image}": failed to resolve reference '
    '"{image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to '
    "https://{host}/oauth2/token?scope=repository%3Aa%3Apull&service={host}: 401 Unauthorized]"
)
_HEAD = 'Failed to pull image "'
_WITHOUT_A_CAUSE = {"backoff-only", "secret-missing", "unknown", "anonymous-token-401"}
TELLING = [row for row in PULLS if row.symptom not in _WITHOUT_A_CAUSE and row.image]
LISTED = [row for row in TELLING if row.text.startswith(_HEAD) and "\n" not in row.text and ": [" not in row.text]


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row.id)
def test_the_anonymous_attempt_at_the_end_says_nothing(row: Labelled) -> None:
    image, _, rest = row.text.removeprefix(_HEAD).partition('": ')
    listed = f'{_HEAD}{image}": [{rest}' + _ANONYMOUS.format(image=image, host=row.host or "contoso.azurecr.io")
    first = read_errors(listed).errors[0]
    assert first.symptom in row.accepted
    assert (first.http_status, first.address, first.image) == (row.http_status, row.address, row.image)
    assert any("anonymous token" in noise for noise in first.noise)


def test_two_pods_give_two_entries() -> None:
    choose = random.Random(20261122)  # noqa: S311 - the same mixtures every time
    missing: list[tuple[str, str]] = []
    for _ in range(200):
        one, other = choose.sample(TELLING, 2)
        rows = [
            f"3m  Warning  Failed  pod/web-{number}  {' '.join(row.text.split())}"
            for number, row in enumerate((one, other))
        ]
        found = {error.symptom for error in read_errors("\n".join(rows)).errors}
        if not (found & one.accepted and found & other.accepted):
            missing.append((one.id, other.id))
    assert not missing


@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["next line", "blank line"])
def test_lines_of_other_troubles_change_little(between: str) -> None:
    choose = random.Random(20261122)  # noqa: S311 - the same mixtures every time
    wrong = [
        row.id
        for row in PULLS
        for text in (choose.choice(OTHERS).text + between + row.text, row.text + between + choose.choice(OTHERS).text)
        if read_errors(text).errors[0].symptom not in row.accepted
    ]
    assert len(wrong) <= 0.02 * 2 * len(PULLS), wrong


def test_the_same_error_of_forty_pods_is_one_entry() -> None:
    row = 'Failed to pull image "contosoreg.azurecr.io/shop/ui:4": pull QPS exceeded'
    lines = [f"3m  Warning  Failed   pod/ui-{number}  {row}" for number in range(40)]
    waiting = [
        f'2m  Normal   BackOff  pod/ui-{number}  Back-off pulling image "contosoreg.azurecr.io/shop/ui:4"'
        for number in range(40)
    ]
    errors = read_errors("\n".join(lines + waiting)).errors
    assert [(error.symptom, error.count) for error in errors] == [("pull-qps", 40)]


def test_a_second_cause_in_the_list_is_an_alternative() -> None:
    unpack = (
        'rpc error: code = Unknown desc = failed to pull and unpack image "contosoreg.azurecr.io/a:1": failed to '
        'resolve reference "contosoreg.azurecr.io/a:1": '
    )
    first_try = "unexpected status from HEAD request to https://contosoreg.azurecr.io/v2/a/manifests/1: 500 Internal"
    second_try = "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized"
    first = read_errors(f'{_HEAD}contosoreg.azurecr.io/a:1": [{unpack}{first_try}, {unpack}{second_try}]').errors[0]
    assert (first.symptom, first.http_status) == ("server-error-5xx", 500)
    assert "unauthorized-401" in first.alternatives


# Texts that share words with pull errors and are none, a line of dashes between them.
NOT_PULLS = Path(__file__).with_name("not_pulls.txt").read_text(encoding="utf-8").rstrip().split("\n----\n")


@pytest.mark.parametrize("text", NOT_PULLS)
def test_shared_words_are_no_pull_error(text: str) -> None:
    assert [error.symptom for error in read_errors(text).errors] == ["not-a-pull-error"]


def test_other_troubles_say_where_to_look() -> None:
    error = read_errors("Warning  BackOff  kubelet  Back-off restarting failed container web in pod web-1").errors[0]
    assert error.symptom == "not-a-pull-error"
    assert error.causes[0].slug == "container-keeps-stopping"


def test_no_text_is_read_as_two_errors_of_one_pull() -> None:
    """A describe block is one failure with its echoes, so it is one entry."""
    several = [row.id for row in ALL if len(read_errors(row.text).errors) > 1]
    assert not several
