"""The image is asked of another host than the registry's login server.

What is read
    The name of the image that is pulled (`--image`), and the registry's `loginServer`. A name without a host is taken
    as a repository of the registry. Without `--image`, the images that pull errors name (`--error`) are looked at for
    hosts that are slips of this registry's.

Why pulls fail
    The node asks the host that stands in the image's name, and nothing else. A slip (azureacr.io), the registry's
    name without the label that belongs to its login server, the name of a privatelink zone (which the certificate
    does not cover), another cloud's suffix, or no host at all (docker.io is asked then) lead to a host that does not
    exist or does not know the image: `no such host`, an error of certificates, 401 or not found. An image of
    another registry is pulled by that registry's rules, and what is judged here does not bear on it.

What to do
    Write the login server as Azure names it into the image's name, or check the registry that the image names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, not_applicable, passed, unknown
from aksacr.semantics.image_names import slip_of, split_image

from ._wording import REGISTRY_READ, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts
    from aksacr.semantics.image_names import ImageName, Slip

_WHY: dict[Slip, str] = {
    "privatelink": "is the name of the private DNS zone, which the registry's certificate does not cover",
    "data endpoint": "is where the registry keeps layers, and knows no manifests",
    "no label": "leaves out the label that is part of the registry's login server, and is no name of it",
    "cloud": "has the suffix of another cloud, where a managed identity of this cluster is not known",
    "near name": "is one character off the registry's name: a slip, unless another registry of that name is meant, "
    "which is not judged here",
    "typo": "is a slip of the registry's name, and a host that somebody else may own",
}


def judge(facts: Facts) -> Verdict:
    named = facts.image or _image_of_errors(facts)
    if not named:
        return not_applicable(
            "The pull errors name no image of this registry, and no other was named (--image)."
            if facts.observed_images
            else "No image was named (--image)."
        )
    login = facts.registry.login_server
    image = split_image(named)
    slip = slip_of(facts, image)
    if not slip:
        by = f"is named by {login}" if image.host else f"names no host, and is taken to be asked of {login}"
        return passed(f"Image {named} {by}.", _login(facts))
    if slip == "regional":
        gap = Gap(facts.registry.id.text, "", "whether its regional endpoints are enabled was not read")
        return unknown(f"Image {named} is asked of a regional endpoint of {login}.", gap)
    if slip == "no host":
        return _no_host(facts, named)
    if slip == "other registry":
        return _other(facts, named)
    return Verdict(
        Status.FAIL,
        f"Image {named} is asked of {image.host}, which {_WHY[slip]}. The login server is {login}.",
        evidence=(_asked(facts, image), _login(facts)),
        fixes=(_write(facts, image.path),),
    )


def _image_of_errors(facts: Facts) -> str | None:
    """The first image of the pull errors that misses this registry by a slip, else one that is asked of it.

    An image of another registry, or of none, is no fault of this one's name: pods pull from several.
    """
    split = [(image, split_image(image)) for image in facts.observed_images]
    slips = [(image, slip_of(facts, parts), parts.host) for image, parts in split]
    wrong = [image for image, slip, _ in slips if slip not in {"", "regional", "other registry"}]
    right = [image for image, slip, host in slips if (not slip and host) or slip == "regional"]
    return next(iter([*wrong, *right]), None)


def _no_host(facts: Facts, named: str) -> Verdict:
    image = split_image(named)
    _, _, repository = image.path.partition("/")
    return Verdict(
        Status.WARN,
        f'Image {named} names no host: in a pod, docker.io is asked for it. "{facts.registry.name}" in front is '
        "the registry's name and not its login server, unless a repository there is called so.",
        evidence=(_asked(facts, image), _login(facts)),
        fixes=(_write(facts, repository),),
    )


def _other(facts: Facts, named: str) -> Verdict:
    image = split_image(named)
    registry = facts.registry
    return Verdict(
        Status.FAIL,
        f"Image {named} is asked of {image.host}, not of {registry.login_server}: nothing that is judged here "
        "bears on pulling it.",
        evidence=(_asked(facts, image), _login(facts)),
        fixes=(
            Fix(
                f"If {image.host} is meant, and is a container registry of yours, run again with `--acr {image.host}`",
                manual=True,
                needs="Reader on that registry",
            ),
            _write(facts, image.path),
        ),
    )


def _write(facts: Facts, path: str) -> Fix:
    registry = facts.registry
    return Fix(
        f"If {registry.name} is meant, write {registry.login_server}/{path} into the pod's spec, chart or pipeline",
        manual=True,
        caveat="Pods of a Deployment are made anew when its image changes.",
        needs="whoever deploys the workload",
    )


def _asked(facts: Facts, image: ImageName) -> Evidence:
    return seen(f"the image's name ({'--image' if facts.image else '--error'})", "host", image.host or None)


def _login(facts: Facts) -> Evidence:
    return seen(facts.registry.id, "properties.loginServer", facts.registry.login_server)


CHECK = Check(
    code="AKA402",
    name="image-host-wrong",
    title="The image is asked of this registry, by its own name",
    explains=("dns-nxdomain", "not-found-repository", "tls-hostname", "invalid-reference"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ,),
    docs=("https://learn.microsoft.com/azure/container-registry/container-registry-concepts",),
)
