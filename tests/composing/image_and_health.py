"""Situations of 402 and 6xx: the image's host, a cluster and a registry that do not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worlds import Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTACHED = "recorded_public_attached"


def situations() -> Iterator[Composed]:
    yield from _images()
    yield from _clusters()
    yield from _registries()


def _images() -> Iterator[Composed]:
    for name, title, image in (
        ("image_host_typo", "The image is asked of azureacr.io", "clireg000002.azureacr.io/web:1.2"),
        ("image_of_other_registry", "The image is of another registry", "otherteam.azurecr.io/web:1.2"),
        ("image_host_privatelink", "The image names the private zone", "clireg000002.privatelink.azurecr.io/web:1.2"),
        ("image_host_left_out", "The image names the registry in place of its login server", "clireg000002/web:1.2"),
        (
            "image_of_regional_endpoint",
            "The image names a regional endpoint",
            "clireg000002.westus.geo.azurecr.io/web:1",
        ),
        ("image_by_login_server", "The image names the login server", "clireg000002.azurecr.io/web:1.2"),
    ):
        world = Composed(_ATTACHED, name, title)
        world.document["target"]["image"] = image
        world.edit(f"image {image}")
        yield world


def _clusters() -> Iterator[Composed]:
    world = Composed(_ATTACHED, "cluster_stopped", "The cluster is stopped")
    world.cluster["properties"]["powerState"] = {"code": "Stopped"}
    pool = world.cluster["properties"]["agentPoolProfiles"][0]
    pool |= {"powerState": {"code": "Stopped"}}
    world.edit("powerState Stopped")
    yield world

    world = Composed(_ATTACHED, "cluster_failed", "The last operation on the cluster failed")
    world.cluster["properties"]["provisioningState"] = "Failed"
    world.edit("provisioningState Failed")
    yield world

    world = Composed(_ATTACHED, "node_pool_stopped", "One of two node pools is stopped")
    _second_pool(world, {"powerState": {"code": "Stopped"}})
    yield world

    world = Composed(_ATTACHED, "node_pool_failed", "One of two node pools could not be made")
    _second_pool(world, {"provisioningState": "Failed"})
    yield world

    world = Composed(_ATTACHED, "scale_set_of_pool_not_found", "A node pool counts nodes, and has no scale set")
    _second_pool(world, {}, with_scale_set=False)
    yield world


def _second_pool(world: Composed, states: dict[str, object], *, with_scale_set: bool = True) -> None:
    pools = world.cluster["properties"]["agentPoolProfiles"]
    pools.append({**pools[0], "name": "batch", "mode": "User", **states})
    if with_scale_set:
        scale_set = world.find("Microsoft.Compute/virtualMachineScaleSets")
        world.copy_of(scale_set, "nodepool1", "batch")
    world.edit(f"node pool batch {states}")


def _registries() -> Iterator[Composed]:
    world = Composed(_ATTACHED, "registry_not_ready", "The registry is provisioned, and not ready")
    world.registry["properties"]["status"] = {"displayStatus": "Not Ready", "message": "Storage is not available."}
    world.edit("status Not Ready")
    yield world

    world = Composed(_ATTACHED, "registry_being_deleted", "The registry is being deleted")
    world.registry["properties"]["provisioningState"] = "Deleting"
    world.edit("provisioningState Deleting")
    yield world

    world = Composed(_ATTACHED, "registry_failed", "The last operation on the registry failed")
    world.registry["properties"]["provisioningState"] = "Failed"
    world.edit("provisioningState Failed")
    yield world

    world = Composed(_ATTACHED, "registry_state_not_told", "Azure does not tell the registry's provisioning state")
    del world.registry["properties"]["provisioningState"]
    world.edit("provisioningState left out")
    yield world

    world = Composed("recorded_private_endpoint", "replica_not_ready", "A replica of the registry is not ready")
    registry = world.registry
    home = world.part("replication", f"{registry['id']}/replications/{registry['location']}", registry["location"])
    away = world.part("replication", f"{registry['id']}/replications/centralus", "centralus")
    home["properties"]["status"] |= {"displayStatus": "Ready"}
    away["properties"]["status"] |= {"displayStatus": "Not Ready"}
    world.edit("status of the replica in centralus Not Ready")
    yield world

    world = Composed("recorded_private_endpoint", "replicas_not_readable", "The registry's replicas may not be read")
    world.refuse(f"{world.registry['id']}/replications")
    yield world
