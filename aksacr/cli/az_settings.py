"""az's own settings, read as az reads them (azure-cli-core 2.91, knack 0.14) and never written.

`config` (INI): the environment's AZURE_<SECTION>_<OPTION> goes before the file; for [defaults], and only for them,
a `.azure/config` in the working folder and each of its parents goes before the global one.
`clouds.config` (INI): clouds registered with `az cloud register`, and the subscription chosen in each cloud.
`azureProfile.json` (UTF-8 with a byte order mark): the subscriptions that `az login` found.
A broken file is a remark, never an error: the run can do without it.
"""

from __future__ import annotations

import configparser
import difflib
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TENANT_LEVEL = "N/A(tenant level account)"  # what `az login --allow-no-subscriptions` writes, with the tenant as id
_YES, _NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off"}  # knack's booleans
_SHOWN_NAMES = 3


class AzSettingsError(Exception):
    """A subscription that az's settings do not lead to: one line, fit to be shown."""


class UnknownSubscriptionError(AzSettingsError):
    """Nothing that az knows has this name. A caller who is signed in may still ask Azure for it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as `az login` noted it. `tenant_id` and `name` are empty for an id that az does not know."""

    id: str
    name: str = ""
    tenant_id: str = ""
    is_default: bool = False
    environment_name: str = ""

    @property
    def is_tenant_only(self) -> bool:
        """True for the entry that az writes for a tenant without subscriptions; its id is no subscription's."""
        return self.name == _TENANT_LEVEL


@dataclass(frozen=True, slots=True)
class AzSettings:
    """What az would use where an option is not given. None and empty: az has no such setting.

    cloud_name is az's active cloud, and cloud_is_named says that AZURE_CLOUD_NAME named it, not a file.
    registered_clouds are the sections of clouds.config, for `clouds.resolve_cloud`.
    """

    config_dir: Path
    default_group: str | None = None
    default_acr: str | None = None
    cloud_name: str | None = None
    cloud_is_named: bool = False
    registered_clouds: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    subscriptions: tuple[Subscription, ...] = ()
    color_disabled: bool = False
    only_show_errors: bool = False
    output: str | None = None
    preferred_subscription: tuple[str, str] | None = None
    """The subscription that goes before az's active one, by id or name, and where it was named."""

    @classmethod
    def read(cls, environment: Mapping[str, str], cwd: Path, home: Path, warn: Callable[[str], None]) -> AzSettings:
        """Read az's files. `warn` gets one line for each file that is there and cannot be used; nothing is raised."""
        folder = cwd / (environment.get("AZURE_CONFIG_DIR") or home / ".azure")
        config = _Config(environment, folder, cwd, warn)
        clouds = _read_ini(folder / "clouds.config", warn)
        return cls(
            config_dir=folder,
            default_group=config.default("group"),
            default_acr=config.default("acr"),
            cloud_name=config.text("cloud", "name"),
            cloud_is_named=bool(environment.get("AZURE_CLOUD_NAME")),
            registered_clouds={name: dict(clouds.items(name)) for name in clouds.sections()},
            subscriptions=_read_profile(folder / "azureProfile.json", warn),
            color_disabled=config.flag("core", "no_color"),
            only_show_errors=config.flag("core", "only_show_errors"),
            output=config.text("core", "output"),
            preferred_subscription=_preferred_subscription(environment, config),
        )

    def active_subscription(self, cloud_name: str) -> Subscription | None:
        """The subscription to use when none was asked for; None when az has not chosen one in this cloud.

        AZURE_SUBSCRIPTION_ID, then az's default `subscription`, then the one that `az account set` chose, then the
        one chosen when az last worked in that cloud. Raises AzSettingsError when that leads to no subscription.
        """
        if self.preferred_subscription is not None:
            value, source = self.preferred_subscription
            return self._find(value, cloud_name, f" ({source})")
        here = self._in_cloud(cloud_name)
        chosen = next((each for each in here if each.is_default), None) or self._chosen_before(here, cloud_name)
        if chosen is not None and chosen.is_tenant_only:
            raise AzSettingsError(_tenant_only(chosen))
        return chosen

    def find_subscription(self, id_or_name: str, cloud_name: str) -> Subscription:
        """The subscription with this id or name, in any case. An id that az does not know is taken as it is.

        Raises AzSettingsError when several have the name or it is a tenant's, UnknownSubscriptionError when none has.
        """
        return self._find(id_or_name, cloud_name, "")

    def _find(self, id_or_name: str, cloud_name: str, source: str) -> Subscription:
        wanted = id_or_name.strip().lower()
        here = self._in_cloud(cloud_name)
        found = [each for each in here if each.id.lower() == wanted] or [
            each for each in here if each.name.lower() == wanted
        ]
        if len({each.id.lower() for each in found}) > 1:
            ids = ", ".join(each.id for each in found)
            raise AzSettingsError(f"subscription {id_or_name!r}{source}: {len(found)} have this name; use an id: {ids}")
        if found:
            if found[0].is_tenant_only:
                raise AzSettingsError(_tenant_only(found[0]))
            return next((each for each in found if each.is_default), found[0])
        if _GUID.fullmatch(wanted):
            return Subscription(id_or_name.strip(), environment_name=cloud_name)
        raise UnknownSubscriptionError(self._not_found(wanted, id_or_name, cloud_name, source))

    def _chosen_before(self, here: list[Subscription], cloud_name: str) -> Subscription | None:
        """`[AzureChinaCloud] subscription = …` in clouds.config: az's choice per cloud."""
        for name, section in self.registered_clouds.items():
            if name.lower() == cloud_name.lower() and section.get("subscription"):
                wanted = section["subscription"]
                known = next((each for each in here if each.id.lower() == wanted.lower()), None)
                return known or Subscription(wanted, environment_name=cloud_name)
        return None

    def _in_cloud(self, cloud_name: str) -> list[Subscription]:
        return [each for each in self.subscriptions if each.environment_name.lower() == cloud_name.lower()]

    def _not_found(self, wanted: str, asked: str, cloud_name: str, source: str) -> str:
        elsewhere = [each.environment_name for each in self.subscriptions if each.name.lower() == wanted]
        if elsewhere:
            return f"subscription {asked!r}{source} is in {elsewhere[0]}, not in {cloud_name}; name that with --cloud"
        names = {each.name.lower(): each.name for each in self._in_cloud(cloud_name) if not each.is_tenant_only}
        if not names:
            return (
                f"subscription {asked!r}{source}: az knows no subscription in {cloud_name} "
                f"({self.config_dir / 'azureProfile.json'}); use its id, or run `az login`"
            )
        near = difflib.get_close_matches(wanted, names, n=_SHOWN_NAMES, cutoff=0.4) or sorted(names)[:_SHOWN_NAMES]
        shown = ", ".join(repr(names[name]) for name in near)
        return (
            f"subscription {asked!r}{source}: az knows none of this name in {cloud_name}; "
            f"nearest of {len(names)}: {shown}. Use a name from `az account list`, or an id"
        )


class _Config:
    """az's `config`: the environment, then (for defaults) the folders above the working one, then the global file."""

    def __init__(self, environment: Mapping[str, str], folder: Path, cwd: Path, warn: Callable[[str], None]) -> None:
        self._environment = environment
        self._warn = warn
        self._global = _read_ini(folder / "config", warn)
        self._local = [_read_ini(path, warn) for path in _local_configs(folder, cwd)]

    def default(self, option: str) -> str | None:
        return self._get("defaults", option, [*self._local, self._global])

    def text(self, section: str, option: str) -> str | None:
        return self._get(section, option, [self._global])

    def flag(self, section: str, option: str) -> bool:
        value = (self.text(section, option) or "no").lower()
        if value not in _YES | _NO:
            self._warn(f"az's setting {section}.{option} is {value!r}, which is neither yes nor no; taken as no")
        return value in _YES

    def _get(self, section: str, option: str, files: Iterable[configparser.ConfigParser]) -> str | None:
        # As in knack, the first place that has the option decides, even with an empty value: that means "no default".
        variable = f"AZURE_{section}_{option}".upper()
        if variable in self._environment:
            return self._environment[variable].strip() or None
        for file in files:
            if file.has_option(section, option):
                return file.get(section, option).strip() or None
        return None


def _local_configs(folder: Path, cwd: Path) -> list[Path]:
    """The local config files, nearest first. Their folder has the global folder's name; the search ends there."""
    found: list[Path] = []
    for parent in (cwd, *cwd.parents):
        local = parent / folder.name
        if _same(local, folder):
            break
        found.append(local / "config")
    return found


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(os.path.normpath(one)) == os.path.normcase(os.path.normpath(other))


def _preferred_subscription(environment: Mapping[str, str], config: _Config) -> tuple[str, str] | None:
    value = environment.get("AZURE_SUBSCRIPTION_ID", "").strip()
    if value:
        return value, "AZURE_SUBSCRIPTION_ID"
    default = config.default("subscription")
    return None if default is None else (default, "az's default subscription")


def _read_ini(path: Path, warn: Callable[[str], None]) -> configparser.ConfigParser:
    """The file's content; nothing when it is missing or broken. `%` is an ordinary character."""
    parser = configparser.ConfigParser(interpolation=None)
    text = _read_text(path, warn)
    try:
        parser.read_string(text, source=str(path))
    except configparser.Error as error:
        warn(f"ignored {path}: it is no INI file ({type(error).__name__}{_line_of(error)})")
        return configparser.ConfigParser(interpolation=None)
    return parser


def _line_of(error: configparser.Error) -> str:
    """Where the file is broken, but not what stands there: it may be a secret."""
    number: object = getattr(error, "lineno", None)  # MissingSectionHeaderError and the two Duplicate…Errors
    if number is None and isinstance(error, configparser.ParsingError) and error.errors:
        number = error.errors[0][0]
    return "" if number is None else f" in line {number}"


def _read_text(path: Path, warn: Callable[[str], None]) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        warn(f"ignored {path}: it cannot be read ({error.strerror or type(error).__name__})")
    except UnicodeDecodeError:
        warn(f"ignored {path}: it is not UTF-8 text")
    return ""


def _read_profile(path: Path, warn: Callable[[str], None]) -> tuple[Subscription, ...]:
    text = _read_text(path, warn)
    if not text.strip():
        return ()
    try:
        document = cast("object", json.loads(text))
    except ValueError as error:
        warn(f"ignored {path}: it is not JSON ({error})")
        return ()
    except RecursionError:
        warn(f"ignored {path}: it is nested deeper than az writes it")
        return ()
    entries = cast("dict[str, object]", document).get("subscriptions") if isinstance(document, dict) else document
    if entries is None:
        return ()
    if not isinstance(document, dict) or not isinstance(entries, list):
        warn(f"ignored {path}: it has no list of subscriptions")
        return ()
    return _subscriptions(cast("list[object]", entries), path, warn)


def _subscriptions(entries: list[object], path: Path, warn: Callable[[str], None]) -> tuple[Subscription, ...]:
    found: list[Subscription] = []
    for position, entry in enumerate(entries):
        item = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        identity = item.get("id")
        if isinstance(identity, str) and identity:
            found.append(
                Subscription(
                    identity,
                    name=_text(item, "name"),
                    tenant_id=_text(item, "tenantId"),
                    is_default=item.get("isDefault") is True,
                    environment_name=_text(item, "environmentName"),
                )
            )
        else:
            warn(f"ignored subscriptions[{position}] of {path}: it has no id")
    return tuple(found)


def _text(item: dict[str, object], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _tenant_only(subscription: Subscription) -> str:
    return (
        f"az is signed in to tenant {subscription.id}, which shows it no subscription; "
        "name one with --subscription, or choose one with `az account set`"
    )
