"""Reading world files, and the one line that says what is wrong with one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksacr.standin import World, WorldError

from .worlds import GROUP, NETWORK, SUBSCRIPTION, Json, ask, recorded, recorded_bytes, resource, world_of

RECORDED = ["recorded_private_endpoint", "recorded_public_attached", "recorded_service_principal"]
EMPTY: dict[str, object] = {"format": "aksacr-world", "version": 1, "resources": {}}


def refusal(data: bytes) -> str:
    with pytest.raises(WorldError) as caught:
        World.parse(data, "snap shot.json")
    message = str(caught.value)
    assert message.startswith("snap shot.json")
    assert "\n" not in message
    return message


def refusal_of(**parts: object) -> str:
    return refusal(json.dumps({**EMPTY, **parts}).encode())


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_world_survives_being_saved(name: str) -> None:
    first = recorded(name)
    second = World.parse(first.to_bytes(), "again.json")
    assert second.resources == first.resources
    assert (second.now, second.cloud, second.target, second.graph) == (
        first.now,
        first.cloud,
        first.target,
        first.graph,
    )
    assert len(second.resources) > 100


def test_what_a_world_says_of_itself() -> None:
    world = recorded("recorded_private_endpoint")
    assert world.now == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert (world.cloud.name, world.cloud.registry_suffix) == ("AzureCloud", "azurecr.io")
    assert world.target.registry.endswith("/registries/testreg000002")
    assert world.target.image is None


def test_without_now_and_cloud_it_is_the_present_in_the_public_cloud() -> None:
    world = World.parse(json.dumps(EMPTY).encode(), "w")
    assert datetime.now(UTC) - world.now < timedelta(seconds=10)
    assert (world.cloud.name, world.cloud.registry_suffix) == ("AzureCloud", "azurecr.io")


def test_a_cloud_without_a_suffix_has_its_own() -> None:
    china = world_of([], cloud={"name": "AzureChinaCloud"}).cloud
    assert (china.registry_suffix, china.storage_suffix) == ("azurecr.cn", "core.chinacloudapi.cn")
    told = world_of([], cloud={"name": "Own", "registrySuffix": ".acr.example", "storageSuffix": ".st.example"}).cloud
    assert (told.registry_suffix, told.storage_suffix) == ("acr.example", "st.example")
    for name in ("Own", "AzureCloud"):
        unsaid = world_of([], cloud={"name": name, "registrySuffix": "acr.example"}).cloud
        assert unsaid.storage_suffix == "", "the storage of a cloud of its own is not guessed"
    assert world_of([], cloud={"name": "Own", "registrySuffix": ".acr.example"}).cloud.registry_suffix == "acr.example"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_what_a_shell_made_of_the_file_is_read(encoding: str) -> None:
    assert World.parse(json.dumps({**EMPTY, "name": "größe"}).encode(encoding), "w").name == "größe"


def test_broken_json_is_named_with_line_and_column() -> None:
    message = refusal(b'{\n "format": "aksacr-world",\n "version": oops\n}')
    assert message.startswith("snap shot.json, line 3 column 13: this is not JSON")
    assert "aksacr collect" in message


@pytest.mark.parametrize("cut", [0, 1, 17, 400, 4000, -2])
def test_a_truncated_file_is_called_that_or_not_json(cut: int) -> None:
    message = refusal(recorded_bytes("recorded_private_endpoint")[:cut])
    assert ", line " in message
    assert "the file ends too early" in message or "this is not JSON" in message


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[]", "not an aksacr world (a list at the top)"),
        (b'"x"', "not an aksacr world (a text at the top)"),
        (b"null", "not an aksacr world"),
        (b"{}", "not an aksacr world (it has no `format`"),
        (b'{"format": "tfstate", "version": 1}', 'not an aksacr world (`format` is "tfstate"'),
        (b'{"format": 5}', "not an aksacr world (`format` is 5"),
        (b'{"format": "aksacr-world", "version": 2}', "world version 2 is not version 1"),
        (b'{"format": "aksacr-world", "version": true}', "world version true is not version 1"),
        (b'{"format": "aksacr-world"}', "world version null is not version 1"),
        (b'{"format": "aksacr-world", "version": 1}', "`resources` is missing or null, not an object"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"\x80abc", "not UTF-8"),
        (b"[" * 200_000, "nested too deep"),
    ],
)
def test_other_files_are_not_taken_for_worlds(data: bytes, said: str) -> None:
    assert said in refusal(data)


UNUSABLE: list[tuple[dict[str, object], str]] = [
    ({"resources": []}, "`resources` is a list, not an object"),
    ({"resources": {"/subscriptions/s/x": 7}}, '`resources["/subscriptions/s/x"]` is a number, not an object'),
    ({"resources": {"cluster": {}}}, '`resources["cluster"]` is not keyed by a resource id'),
    ({"resources": {"/a/B": {}, "/A/b": {}}}, "stands there twice"),
    ({"graph": []}, "`graph` is a list"),
    ({"graph": {"applications": {}}}, "`graph.applications` is an object, not a list"),
    ({"graph": {"applications": [{}, 1]}}, "`graph.applications[1]` is a number"),
    ({"memberOf": {"p": "g"}}, '`memberOf["p"]` is not a list of group ids'),
    ({"memberOf": {"p": [1]}}, '`memberOf["p"]` is not a list of group ids'),
    ({"now": "yesterday"}, '`now` is "yesterday", not a time such as'),
    ({"now": "2026-11-22T10:00:00"}, "not a time such as"),
    ({"now": "2026-13-22T10:00:00Z"}, "not a time such as"),
    ({"now": "9999-12-31T23:59:59-23:59"}, "not a time such as"),
    ({"now": 1}, "`now` is 1"),
    ({"cloud": "AzureCloud"}, "`cloud` is a text, not an object"),
    ({"cloud": {"name": 1}}, "`cloud.name` is a number, not a text"),
    ({"target": {"cluster": []}}, "`target.cluster` is a list, not a text"),
    ({"name": {}}, "`name` is an object, not a text"),
    ({"refused": {}}, "`refused` is an object, not a list"),
    ({"refused": ["x"]}, "`refused[0]` is a text, not an object"),
    ({"refused": [{"status": 403}]}, "`refused[0]` has no `path`"),
    ({"refused": [{"path": "/a", "status": 200}]}, "`refused[0]` has the status 200"),
    ({"refused": [{"path": "/a", "status": "403"}]}, "`refused[0]` has the status"),
    ({"refused": [{"path": "/a", "below": 1}]}, "`refused[0]` has a `below`"),
    ({"refused": [{"path": "/a", "headers": {"retry-after": 3}}]}, "`refused[0]` has `headers`"),
    ({"refused": [{"path": "/a", "query": "$filter=atScope()"}]}, "`refused[0]` has a `query`"),
    ({"refused": [{"path": "/a", "query": {"api-version": 3}}]}, "`refused[0]` has a `query`"),
]


@pytest.mark.parametrize(("parts", "said"), UNUSABLE)
def test_a_part_that_cannot_be_used_is_named(parts: dict[str, object], said: str) -> None:
    assert said in refusal_of(**parts)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_world_or_one_line(data: bytes) -> None:
    refusal(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PARTS = ["resources", "graph", "memberOf", "refused", "now", "cloud", "target", "name", "version"]


@given(st.dictionaries(st.sampled_from(PARTS), JSON, max_size=4))
def test_any_part_gives_a_world_or_one_line(parts: dict[str, Json]) -> None:
    data = json.dumps({**EMPTY, **parts}).encode()
    try:
        world = World.parse(data, "w.json")
    except WorldError as error:
        said = str(error)
    else:
        said = "w.json"
        assert World.parse(world.to_bytes(), "again").resources == world.resources
    assert said.startswith("w.json")
    assert "\n" not in said


def test_keys_may_be_written_in_any_case() -> None:
    world = world_of({f"{NETWORK}/Hub": resource(f"{NETWORK}/Hub")})
    assert list(world.resources) == [f"{NETWORK}/Hub".lower()]


def test_an_entry_of_its_own_wins_over_the_copy_in_its_parent() -> None:
    subnet = f"{NETWORK}/hub/subnets/nodes"
    embedded = resource(subnet, {"addressPrefix": "10.0.0.0/24", "natGateway": {"id": "/nat"}})
    own = resource(subnet, {"addressPrefix": "10.0.9.0/24"})
    other = resource(f"{NETWORK}/hub/subnets/other", {"addressPrefix": "10.0.1.0/24"})
    network = resource(f"{NETWORK}/hub", {"subnets": [embedded]})
    world = world_of([network, own, other])
    wanted = {"addressPrefix": "10.0.9.0/24", "natGateway": {"id": "/nat"}}
    assert ask(world, subnet)["properties"] == wanted
    whole = ask(world, f"{NETWORK}/hub")
    assert whole.names("properties.subnets") == ["nodes", "other"]
    assert whole["properties.subnets.0.properties"] == wanted
    assert ask(world, f"{NETWORK}/hub/subnets").names() == ["nodes", "other"]


def test_a_sub_resource_may_be_there_without_its_parent() -> None:
    subnet = resource(f"{NETWORK}/hub/subnets/nodes")
    assert ask(world_of([subnet]), f"{NETWORK}/hub/subnets/nodes")["name"] == "nodes"


def test_target_and_refused_paths_make_their_groups_exist() -> None:
    refused: Json = [{"path": f"{SUBSCRIPTION}/resourcegroups/hidden/providers/microsoft.network/virtualnetworks/v"}]
    world = world_of([], target={"cluster": f"{GROUP}/providers/x/y/z"}, refused=refused)
    groups = ask(world, f"{SUBSCRIPTION}/resourcegroups").names()
    assert groups == ["Shop", "hidden"]
