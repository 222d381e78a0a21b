"""`aksacr check`: read, judge, report."""

from __future__ import annotations

from . import options as o
from .exits import one_line_per_failure
from .images import require_image
from .judge import Result, emit, finish, judge, judging, read_azure, require_query
from .output import UsageError
from .pasted import errors_seen
from .progress import Progress
from .report_files import report_files
from .snapshot import read_snapshot
from .target import Named, az_settings, resolve


def check(
    resource_group: o.ResourceGroup = None,
    name: o.ClusterName = None,
    acr: o.RegistryName = None,
    subscription: o.SubscriptionName = None,
    cloud: o.CloudName = None,
    image: o.Image = None,
    error: o.Errors = None,
    snapshot: o.Snapshot = None,
    only: o.Only = "",
    skip: o.Skip = "",
    output: o.Output = o.OutputFormat.TEXT,
    report: o.Reports = None,
    redact: o.Redact = None,
    query: o.Query = None,
    fail_on: o.FailOnOption = o.FailOn.FAULT,
    allow_unknown: o.AllowUnknown = "",
    timeout: o.Timeout = 120,
    *,
    only_show_errors: o.OnlyShowErrors = False,
    debug: o.Debug = False,
) -> None:
    """Say why a cluster cannot pull from a registry, and what to type to mend it.

    Exit status: 0 no fault; 1 a fault; 2 wrong usage; 3 no fault, but something could not be seen;
    4 cluster or registry not there or not readable; 5 signing in failed; 6 a check crashed.
    """
    with one_line_per_failure(debug=debug):
        how = judging(only, skip, fail_on, allow_unknown, debug=debug)
        require_image(image)
        files = report_files(report)
        require_query(query)
        errors = errors_seen(error, quiet=only_show_errors)
        named = Named(resource_group, name, acr, subscription, cloud, image)
        settings = az_settings(quiet=only_show_errors)
        quiet = only_show_errors or settings.only_show_errors
        if snapshot is not None:
            if cloud or subscription:
                raise UsageError(
                    "--snapshot names its own cloud and subscription; leave --cloud and --subscription out"
                )
            gathered = read_snapshot(snapshot, named)
        else:
            target, account = resolve(named, settings)
            gathered = read_azure(target, account, image=image, timeout=timeout, progress=Progress(quiet))
        made = judge(gathered, how, errors)
        emit(made, Result(output, files, query, not settings.color_disabled, redact), gathered.facts)
        finish(made)
