"""Troubles that share words with a failed pull and are none: where to look instead."""

from __future__ import annotations

from .phrases import phrases
from .remedies import Remedy, commands

CAUSES = (
    Remedy(
        "container-keeps-stopping",
        None,
        "The image was pulled; the container starts and stops again.",
        "Read what the container said before it stopped.",
        commands(
            r"""
            kubectl logs -n "$NAMESPACE" "$POD" --previous
            """
        ),
    ),
    Remedy(
        "no-node-fits",
        None,
        "No node takes the pod, so nothing was pulled yet.",
        "Compare what the pod asks for (selectors, tolerations, sizes) with what the nodes have.",
        commands(
            r"""
            kubectl describe pod -n "$NAMESPACE" "$POD"
            """
        ),
    ),
    Remedy(
        "volume-not-mounted",
        None,
        "A volume cannot be attached or mounted, or the secret or config map behind it is missing.",
        "Look at the volume's claim and at the secret that it names.",
        commands(
            r"""
            kubectl get pvc,pv -n "$NAMESPACE"
            """
        ),
    ),
    Remedy(
        "probe-fails",
        None,
        "The container runs and does not answer its probe.",
        "Compare the probe's port, path and scheme with what the program serves.",
        commands(
            r"""
            kubectl logs -n "$NAMESPACE" "$POD"
            """
        ),
    ),
    Remedy(
        "container-cannot-start",
        None,
        "The image is on the node; its program cannot be started as the pod asks for it.",
        "Look at the command, the mounts and the config that the container names.",
        commands(
            r"""
            kubectl describe pod -n "$NAMESPACE" "$POD"
            """
        ),
    ),
    Remedy(
        "pod-network-not-set-up",
        None,
        "The pod's network could not be set up, before any image was asked for.",
        "Look at the network plugin and at free addresses in the subnet.",
        commands(
            r"""
            kubectl get pods -n kube-system -o wide
            """
        ),
    ),
    Remedy(
        "api-server-not-reached",
        None,
        "kubectl does not reach the cluster, or does not trust its certificate.",
        "Get the cluster's credentials again, and check the way to its API server.",
        commands(
            r"""
            az aks get-credentials -g "$RG" -n "$CLUSTER"
            """
        ),
    ),
    Remedy(
        "key-vault-not-reached",
        None,
        "A key vault cannot be reached or refuses the request.",
        "Look at the vault's network rules and at the identity's role on it.",
    ),
    Remedy(
        "webhook-refused",
        None,
        "An admission webhook refused the object, or could not be reached; the pod was never made.",
        "Look at the webhook's message and at the policy behind it.",
        commands(
            r"""
            kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations
            """
        ),
    ),
    Remedy(
        "pull-succeeded",
        None,
        "The text tells of a pull, or of a test of one, that succeeded. A check that passes does not prove every "
        "pull: az aks check-acr asks for no repository.",
        "If a pull fails all the same, paste its own event.",
        commands(
            r"""
            kubectl get events -A --field-selector reason=Failed --sort-by .lastTimestamp
            """
        ),
    ),
)

_RECOGNISED = (
    ("probe-fails", phrases("liveness probe | readiness probe | startup probe")),
    ("container-keeps-stopping", phrases("back-off restarting | crashloopbackoff | oomkilled")),
    ("no-node-fits", phrases("failedscheduling | nodes are available")),
    (
        "volume-not-mounted",
        phrases("failedmount | mountvolume | failedattachvolume | attachvolume | unable to attach or mount"),
    ),
    ("webhook-refused", phrases("admission webhook | calling webhook")),
    ("pod-network-not-set-up", phrases("failedcreatepodsandbox | cni plugin | plugin type= | failed to setup network")),
    (
        "container-cannot-start",
        phrases("containerd task | shim task | bind source path | createcontainerconfigerror | invalid mount config"),
    ),
    ("api-server-not-reached", phrases("unable to connect to the server")),
    ("key-vault-not-reached", phrases("vault.azure.net | key vault")),
    (
        "pull-succeeded",
        phrases("your cluster can pull images from | successfully pulled image | already present on machine"),
    ),
)


def recognised(text: str) -> list[str]:
    """The slugs of the troubles that the text tells of, or none."""
    low = text.lower()
    return [slug for slug, words in _RECOGNISED if any(word in low for word in words)][:2]
