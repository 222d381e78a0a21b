"""What a report may show to whom: secrets to nobody, people to nobody, names and ids as the profile says.

`redact` works on the report itself, before it is rendered; `net` is the last look at a rendered text. Taking secrets
out (`secrets.without_secrets`) needs none of the rest and is what every other room uses, too. See `docs/redaction.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from aksacr.facts import Facts
    from aksacr.report.model import Report

Profile = Literal["none", "support", "public"]
PROFILES: tuple[Profile, ...] = ("none", "support", "public")


def redact(report: Report, profile: Profile, facts: Facts | None = None) -> Report:
    """The report as `profile` lets it be shown. Redacting twice is redacting once.

    facts: what the report was made from. They hold every name that Azure told, also those that a sentence of the
    report mentions and no id in it repeats; without them, names are known from ids, commands and typed fields alone.
    """
    from .reports import redacted  # noqa: PLC0415 - `explain` takes secrets out and needs no report

    return redacted(report, profile, facts)


def net(text: str, profile: Profile) -> str:
    """A last look at a rendered report: what has a form of its own (secrets, mail addresses, ids) is masked there, too.

    The syntax of the text stays whole: what is put in holds no quote, bracket, backslash or space.
    """
    from .texts import netted  # noqa: PLC0415 - see above

    return netted(text, profile)
