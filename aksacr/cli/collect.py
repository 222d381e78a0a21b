"""`aksacr collect`: what check would read, saved for judging elsewhere."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import Annotated

import typer

from . import options as o  # noqa: TC001 - typer reads the annotation
from .exits import one_line_per_failure
from .images import require_image
from .judge import read_azure
from .output import remark, require_writable, write_file
from .progress import Progress
from .target import Named, az_settings, resolve


def collect(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Where to save what was read.")],
    resource_group: o.ResourceGroup = None,
    name: o.ClusterName = None,
    acr: o.RegistryName = None,
    subscription: o.SubscriptionName = None,
    cloud: o.CloudName = None,
    image: o.Image = None,
    timeout: o.Timeout = 120,
    *,
    only_show_errors: o.OnlyShowErrors = False,
    debug: o.Debug = False,
) -> None:
    """Save what check would read; `aksacr check --snapshot FILE` judges it anywhere, without Azure.

    The file holds resource bodies, role assignments, and the reads that were refused. It holds no secret.
    """
    with one_line_per_failure(debug=debug):
        require_writable(to, "--to")
        require_image(image)
        settings = az_settings(quiet=only_show_errors)
        target, account = resolve(Named(resource_group, name, acr, subscription, cloud, image), settings)
        quiet = only_show_errors or settings.only_show_errors
        gathered = read_azure(target, account, image=image, timeout=timeout, progress=Progress(quiet), record=True)
        if gathered.recording is not None:
            write_file(to, gathered.recording.world(gathered.facts, gathered.facts.now))
        if not quiet:
            remark(
                f"saved {gathered.facts.cluster.name} and {gathered.facts.registry.name} ({gathered.requests} "
                f"requests) to {to}"
            )
