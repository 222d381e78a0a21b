"""What `collect` saves: a world that gives the same verdict elsewhere, without a secret in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aksacr.azure.recording import Recording
from aksacr.facts import Seen, Unseen
from aksacr.scenarios import Scenario, every_scenario
from aksacr.standin.loading import WorldFile
from aksacr.standin.world import World

from .worlds import collected, document, judged, resources, run_on, unordered, world, world_of

if TYPE_CHECKING:
    from aksacr.facts import Facts

each_scenario = pytest.mark.parametrize("scenario", every_scenario(), ids=lambda scenario: scenario.name)


async def saved(azure: World) -> tuple[Facts, bytes]:
    """The facts of a run, and the file that it saves."""
    recording = Recording()
    facts = await collected(azure, recording)
    return facts, recording.world(facts, azure.now)


async def collected_again(file: bytes) -> Facts:
    return await collected(World(WorldFile.parse(file, "saved.json")))


@each_scenario
async def test_a_saved_run_holds_the_same_facts_and_gives_the_same_verdicts(scenario: Scenario) -> None:
    first = await run_on(scenario.name)
    again = await collected_again(first.saved)
    assert unordered(again) == unordered(first.facts)
    assert judged(again).messages == judged(first.facts).messages
    assert judged(again).statuses == scenario.expected


async def test_saving_what_was_saved_changes_nothing() -> None:
    once = (await run_on("private_endpoint_behind_hub")).saved
    _, twice = await saved(World(WorldFile.parse(once, "saved.json")))
    assert json.loads(twice) == json.loads(once)


async def test_pages_are_put_together() -> None:
    whole, pages = await run_on("pull_role_through_group"), world("pull_role_through_group")
    pages.page_size = 1
    _, file = await saved(pages)
    assert json.loads(file)["resources"] == json.loads(whole.saved)["resources"]


async def test_both_versions_of_the_registry_are_kept() -> None:
    """One version leaves out the subnet rules, the other the permission mode."""
    content = document("subnet_rule_by_service_endpoint")
    resources(content, "registries")[0]["properties"]["roleAssignmentMode"] = "AbacRepositoryPermissions"
    facts, file = await saved(world_of(content))
    [registry] = resources(json.loads(file), "registries")
    assert registry["properties"]["networkRuleSet"]["virtualNetworkRules"]
    assert registry["properties"]["roleAssignmentMode"] == "AbacRepositoryPermissions"
    assert (await collected_again(file)).subnet_rules == facts.subnet_rules


async def test_what_is_nobody_elses_business_is_left_out() -> None:
    """Lists show other people's registries and zones: only the target's registry is kept."""
    content = document("recorded_public_attached")
    [registry] = resources(content, "registries")
    other = json.loads(json.dumps(registry).replace(registry["name"], "somebodyelse"))
    content["resources"][other["id"].lower()] = other
    azure = world_of({**content, "target": {**content["target"], "registry": registry["id"]}})
    _, file = await saved(azure)
    assert b"somebodyelse" not in file


# --- secrets ---

PLANTED = "Pl4nted~Secret"


def with_secrets(content: dict[str, Any]) -> dict[str, Any]:
    """A world with a secret wherever Azure, or somebody in a hurry, may have left one."""
    for cluster in resources(content, "managedclusters"):
        cluster["properties"] |= {
            "linuxProfile": {"adminUsername": "azureuser", "ssh": {"publicKeys": [{"keyData": f"ssh-rsa {PLANTED}"}]}},
            "windowsProfile": {"adminUsername": "azureuser", "adminPassword": PLANTED},
            "httpProxyConfig": {
                "httpProxy": f"http://user:{PLANTED}@proxy.corp:3128/",
                "httpsProxy": f"http://user:{PLANTED}@proxy.corp:3128/",
                "trustedCa": f"-----BEGIN CERTIFICATE-----{PLANTED}",
            },
        }
        cluster["properties"].setdefault("servicePrincipalProfile", {"clientId": "msi"})["secret"] = PLANTED
        cluster["systemData"] = {"createdBy": f"{PLANTED}@example.com"}
    for scale_set in resources(content, "virtualmachinescalesets"):
        scale_set["properties"]["virtualMachineProfile"] |= {
            "osProfile": {"adminPassword": PLANTED, "customData": PLANTED, "secrets": [{"sourceVault": PLANTED}]},
            "extensionProfile": {
                "extensions": [
                    {
                        "name": "vmssCSE",
                        "properties": {
                            "settings": {"fileUris": [f"https://x.blob.core.windows.net/s.sh?sig={PLANTED}"]},
                            "protectedSettings": {"commandToExecute": f"login -p {PLANTED}"},
                        },
                    }
                ]
            },
            "userData": PLANTED,
        }
    return content


async def test_no_planted_secret_is_saved() -> None:
    azure = world_of(with_secrets(document("recorded_public_attached")))
    facts, file = await saved(azure)
    assert PLANTED.encode() not in file
    assert judged(facts) == judged(await collected_again(file)), "and nothing that a check reads was lost with it"
    assert facts.cluster.http_proxy is not None


async def test_graph_secrets_are_not_saved() -> None:
    content = document("recorded_service_principal")
    for body in (*content["graph"]["applications"], *content["graph"]["servicePrincipals"]):
        body["passwordCredentials"] = [
            {**item, "secretText": PLANTED, "customKeyIdentifier": None} for item in body.get("passwordCredentials", [])
        ]
    facts, file = await saved(world_of(content))
    assert PLANTED.encode() not in file
    assert judged(facts) == judged(await collected_again(file))


async def test_no_token_is_saved() -> None:
    _, file = await saved(world("recorded_public_attached"))
    assert b"a-token" not in file
    assert b'uthorization":' not in file


async def test_a_refusal_is_saved_without_secrets() -> None:
    content = document("role_assignments_not_readable")
    said = f"refused by http://user:{PLANTED}@proxy.corp:3128/"
    content["refused"][0]["body"] = {"error": {"code": "AuthorizationFailed", "message": said}}
    _, file = await saved(world_of(content))
    assert b"AuthorizationFailed" in file
    assert PLANTED.encode() not in file


async def test_a_refusal_of_one_question_is_saved_as_one() -> None:
    """Assignments at the registry were shown, and those of the principal refused: a snapshot must tell them apart."""
    content = document("pull_role_through_group")
    whole = (await run_on("pull_role_through_group")).facts
    identity = whole.cluster.kubelet_identity
    assert identity is not None
    path = f"{whole.registry.id}/providers/Microsoft.Authorization/roleAssignments".lower()
    content["refused"] = [{"path": path, "query": {"$filter": f"assignedTo('{identity.object_id}')"}}]
    facts, file = await saved(world_of(content))
    assert isinstance(facts.role_assignments, Seen)
    assert isinstance(facts.reached_through_groups, Unseen)
    assert unordered(await collected_again(file)) == unordered(facts)


async def test_of_tags_only_those_of_aks_are_saved() -> None:
    content = document("recorded_public_attached")
    for kind in ("virtualmachinescalesets", "managedclusters", "registries"):
        for body in resources(content, kind):
            body["tags"] = {**body.get("tags", {}), "deploy": f"https://x.blob.core.windows.net/s?sig={PLANTED}"}
    facts, file = await saved(world_of(content))
    assert PLANTED.encode() not in file
    assert (await collected_again(file)).machines == facts.machines


async def test_other_peoples_zones_and_hosts_are_left_out() -> None:
    content = document("recorded_private_endpoint")
    [zone] = [body for key, body in content["resources"].items() if key.endswith("/privatelink.azurecr.io")]
    [record] = [body for key, body in content["resources"].items() if key.endswith("/a/testreg000002")]
    for old, new in (("privatelink.azurecr.io", "payroll.corp.example"), ("testreg000002", "theirreg")):
        body = zone if old.startswith("privatelink") else record
        other = json.loads(json.dumps(body).replace(old, new))
        content["resources"][other["id"].lower()] = other
    _, file = await saved(world_of(content))
    assert b"payroll" not in file
    assert b"theirreg" not in file
    kept = [key for key in json.loads(file)["resources"] if "/a/" in key]
    assert len(kept) == 2
