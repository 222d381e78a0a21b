"""Lists of events and pods are read as data: `kubectl get … -o json`, `-o yaml`, the API's own lists, a watch."""

from __future__ import annotations

import json
from typing import TypeAlias

import pytest

from aksacr.pull_errors import read_errors

from .corpus import PULLS, Labelled

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | None"
IMAGE = "contosoreg.azurecr.io/shop/ui:4"
_UNPACK = f'rpc error: code = NotFound desc = failed to resolve reference "{IMAGE}": '
MISSING = f'Failed to pull image "{IMAGE}": {_UNPACK}{IMAGE}: not found'


def event(message: str, reason: str = "Failed", pod: str = "ui-0", namespace: str = "shop") -> dict[str, Json]:
    about: dict[str, Json] = {"kind": "Pod", "name": pod, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "reason": reason,
        "message": message,
        "involvedObject": about,
        "count": 7,
    }


def pod(reason: str, message: str | None = None, name: str = "ui-0", image: str = IMAGE) -> dict[str, Json]:
    waiting: dict[str, Json] = {"reason": reason, "message": message}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "ui", "image": image, "args": ["--port", "80"]}], "nodeName": "aks-0"},
        "status": {"containerStatuses": [{"name": "ui", "image": image, "state": {"waiting": waiting}, "ready": None}]},
    }


def listed(*items: Json, kind: str = "List") -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": kind, "items": list(items)}, indent=4).encode()


@pytest.mark.parametrize("row", [row for row in PULLS if "\n" not in row.text], ids=lambda row: row.id)
def test_a_message_says_the_same_as_an_event(row: Labelled) -> None:
    first = read_errors(listed(event(row.text))).errors[0]
    assert first.symptom in row.accepted
    assert (first.host, first.address, first.image, first.http_status) == (
        row.host,
        row.address,
        row.image,
        row.http_status,
    )


def test_an_event_and_the_status_of_its_pod_count_once() -> None:
    found = read_errors(
        listed(
            event(MISSING), event("Error: ErrImagePull"), pod("ImagePullBackOff", f'Back-off pulling image "{IMAGE}"')
        )
    )
    assert [(error.symptom, error.image, error.count) for error in found.errors] == [("not-found-tag", IMAGE, 1)]


def test_forty_pods_are_one_entry_with_a_count() -> None:
    found = read_errors(
        listed(*(event(MISSING, pod=f"ui-{number}") for number in range(40)), *(event(MISSING, pod="ui-1"),))
    )
    assert [error.count for error in found.errors] == [40]


def test_the_pods_own_data_names_the_image() -> None:
    error = read_errors(listed(pod("InvalidImageName", image="contosoreg.azurecr.io/Shop/Ui:4"))).errors[0]
    assert (error.symptom, error.image, error.host) == (
        "invalid-reference",
        "contosoreg.azurecr.io/Shop/Ui:4",
        "contosoreg.azurecr.io",
    )


def test_a_status_that_repeats_the_cause_is_read() -> None:
    message = f'Back-off pulling image "{IMAGE}": ErrImagePull: {MISSING}'
    assert read_errors(listed(pod("ImagePullBackOff", message))).errors[0].symptom == "not-found-tag"


def test_newer_events_are_read() -> None:
    new: dict[str, Json] = {
        "kind": "Event",
        "reason": "Failed",
        "note": MISSING,
        "regarding": {"kind": "Pod", "name": "ui-0"},
    }
    assert read_errors(listed(new)).errors[0].symptom == "not-found-tag"


def test_lists_of_the_api_leave_the_kind_out() -> None:
    bare = {key: value for key, value in event(MISSING).items() if key != "kind"}
    assert read_errors(listed(bare, kind="EventList")).errors[0].image == IMAGE


def test_one_object_and_a_bare_array_are_read() -> None:
    assert read_errors(json.dumps(event(MISSING))).errors[0].symptom == "not-found-tag"
    assert read_errors(json.dumps([event(MISSING)])).errors[0].symptom == "not-found-tag"


def test_a_watch_is_read() -> None:
    documents = [json.dumps(event(MISSING, pod=f"ui-{number}"), indent=2) for number in range(3)]
    assert [error.count for error in read_errors("\n".join(documents)).errors] == [3]


def test_objects_of_other_kinds_do_not_disturb() -> None:
    secret: Json = {
        "kind": "Secret",
        "type": "Opaque",
        "data": {"password": "aHVudGVyMg=="},
        "metadata": {"name": ["odd"]},
    }
    node: Json = {
        "kind": "Node",
        "spec": [],
        "status": {"conditions": [{"type": "Ready", "reason": 3, "message": "x"}]},
        "reason": 4,
    }
    found = read_errors(listed(secret, node, event(MISSING)))
    assert [error.symptom for error in found.errors] == ["not-found-tag"]


def test_events_that_tell_of_other_things_are_no_pull_errors() -> None:
    quiet = [
        event(f'Pulling image "{IMAGE}"', "Pulling"),
        event(f'Successfully pulled image "{IMAGE}"', "Pulled"),
        event("Readiness probe failed: dial tcp 10.0.0.1:80: i/o timeout", "Unhealthy"),
        event("Back-off restarting failed container", "BackOff"),
        event('MountVolume.SetUp failed for volume "x": secret "pull-secret" not found', "FailedMount"),
    ]
    found = read_errors(listed(*quiet))
    assert [error.symptom for error in found.errors] == ["not-a-pull-error"]
    assert "5 Kubernetes objects" in found.errors[0].text


def test_the_sandbox_image_is_an_image() -> None:
    message = (
        "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "
        '"mcr.microsoft.com/oss/'
        'kubernetes/pause:3.6": failed to pull image "mcr.microsoft.com/oss/kubernetes/pause:3.6": failed to '
        "do request: Head "
        '"https://mcr.microsoft.com/v2/oss/kubernetes/pause/manifests/3.6": dial tcp 203.0.113.9:443: i/o timeout'
    )
    error = read_errors(listed(event(message, "FailedCreatePodSandBox"))).errors[0]
    assert (error.symptom, error.host, error.address) == ("timeout-public-ip", "mcr.microsoft.com", "203.0.113.9")
    assert error.causes[0].slug == "mcr-unreachable"


YAML = f"""apiVersion: v1
items:
- apiVersion: v1
  count: 3
  involvedObject:
    kind: Pod
    name: web-1
    namespace: shop
  kind: Event
  message: 'Failed to pull image "{IMAGE}": rpc error: code = Unknown desc
    = failed to do request: Head "https://contosoreg.azurecr.io/v2/shop/ui/manifests/4":
    dial tcp: lookup contosoreg.azurecr.io on 10.0.0.10:53: no such host'
  metadata:
    annotations: {{}}
    name: web-1.1
  reason: Failed
- apiVersion: v1
  kind: Pod
  metadata:
    name: web-2
  spec:
    containers:
    - args:
      - --x
      - "y: z"
      image: contosoreg.azurecr.io/shop/api:2
      name: api
  status:
    containerStatuses:
    - image: contosoreg.azurecr.io/shop/api:2
      name: api
      state:
        waiting:
          message: |
            Back-off pulling image "contosoreg.azurecr.io/shop/api:2"
          reason: ImagePullBackOff
kind: List
metadata:
  resourceVersion: ""
"""


@pytest.mark.parametrize("start", ["", "---\n", "\ufeff"], ids=["plain", "document mark", "byte order mark"])
def test_yaml_is_read_as_data(start: str) -> None:
    found = read_errors(start + YAML)
    assert [(error.symptom, error.image) for error in found.errors] == [
        ("dns-nxdomain", IMAGE),
        ("backoff-only", "contosoreg.azurecr.io/shop/api:2"),
    ]


def test_yaml_that_we_do_not_know_is_read_as_text() -> None:
    text = f"kind: &anchor {{a: [b]}}\nstatus: |\n  {MISSING}\n"
    assert read_errors(text).errors[0].symptom == "not-found-tag"


@pytest.mark.parametrize("cut", [0.5, 0.9, 0.99])
def test_half_a_list_is_read_as_far_as_it_goes(cut: float) -> None:
    whole = listed(*(event(MISSING, pod=f"ui-{number}") for number in range(20)))
    assert read_errors(whole[: int(len(whole) * cut)]).errors[0].symptom == "not-found-tag"


def test_a_list_with_broken_utf_8_is_read() -> None:
    assert (
        read_errors(listed(event("\ufffd " + MISSING)).replace(b"\\ufffd", b"\xff")).errors[0].symptom
        == "not-found-tag"
    )
