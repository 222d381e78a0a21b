"""Takes secrets out of a text: tokens, passwords, keys, signatures, credentials in links, private keys.

Two sets of rules: our own for what people paste around image pulls, and those of Microsoft's masker
(`microsoft-security-utilities-secret-masker`, the set that az uses, too) for keys that carry a signature.
All expressions run in one pass over the text (possessive quantifiers), because a log may be megabytes of one letter.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from .spans import Span, replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microsoft_security_utilities_secret_masker import RegexPattern

HIDDEN = "REDACTED"

_KEYS = (
    r"(?:password|passwd|passphrase|secret(?:[_-]?(?:text|value|(?:access[_-]?)?key))?|subscription[_-]key|account[_-]?key|shared[_-]?access[_-]?key|"
    r"api[_-]?key|private[_-]?key|(?:refresh|access|identity|registry|bearer|session|sas)[_-]?token|key[_-]?data|"
    r"(?<![a-z0-9])(?:pwd|sas|assertion|_?auth|id[_-]?token))"
)
_QUOTE = r"(?:\\?[\"'])?+"
# A quote may also end what the text itself stands in: then JSON or markup goes on behind it, and no value.
_GOES_ON = r"\s{0,8}(?:,\s{0,80}[\"\[{]|[}\]]\s{0,80}(?:[,}\]]|\Z)|:\s{0,2}[\"\[{]|/?>|[\w:-]{1,40}=[\"']|\Z)"
_OPENING = rf"(?:\\?[\"'](?!{_GOES_ON}))?+"
# What stands where a secret would, and is none: what we put in, what shells put in, what is said of one.
_NONE = (
    rf"(?!(?:{HIDDEN}\b|\*{{2,}}|<|\$[({{A-Za-z_]|(?:null|none|true|false|msi|empty|expire[sd]|missing|invalid|required|"
    r"token|is|was|not|the|for|of|and|has|have|from)\b))"
)
# A value in quotes (of JSON in JSON, of JSON or a shell), or one word.
_VALUE = (
    r"(?P<secret>(?<=\\\")[^\\\"\n]++(?=\\\")|(?<=(?<!\\)\")(?:[^\"\\\n]|\\.)++|(?<=')[^'\n]++"
    r"|(?<![\"'])[^\s\"'\\,;&<>{}()\[\]`|]++)"
)
# `secret: make a token …` goes on as a sentence does; the value of a setting ends its line.
_PROSE = r"(?!(?-i:[a-z]{1,14}+ [A-Za-z]))"
_SET = rf"\s{{0,2}}+(?::\s{{1,2}}+{_PROSE}|:|=\s{{0,2}}+|%3d)"
_PRIVATE_KEY = r"(?s)----[- ]BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY[- ]----(?P<secret>.*?)(?:----[- ]END|\Z)"
_JSON_IN_BASE64 = r"(?P<secret>eyJ[A-Za-z0-9+/_-]{8,}+=*+(?:\.[A-Za-z0-9+/_-]++=*+){0,4})"
_HEADER = (
    rf"(?i)\bauthorization{_QUOTE}\s{{0,4}}+(?:[:=]|%3a)(?:\s|%20){{0,4}}+{_OPENING}"
    rf"(?:(?:bearer|basic|digest|negotiate|sharedkey)(?:\s|%20|\+){{1,4}}+)?+{_NONE}(?P<secret>[^\s\"'\\,;<>]++)"
)
_SCHEME = (
    r"(?i)\b(?:bearer|basic)(?:\s|%20){1,4}+(?P<secret>(?=[A-Za-z._~+/=-]{0,200}(?:\d|=|(?-i:[a-z][A-Z])))"
    r"[A-Za-z0-9._~+/-]{8,}+=*+)"
)
_SIGNATURE = (
    r"(?i)(?:^|[?&;\s\"']|%3f|%26|\\u0026)(?:sig|dsas_secret|x-amz-signature)(?:=|%3d)"
    rf"{_NONE}(?P<secret>[^&\s\"'<>\\]++)"
)
_IN_URL = rf"(?i)://(?P<secret>(?!{HIDDEN}@)[^\s/?#\"'<>\\]{{1,2000}})@(?!sha(?:256|512):)"
_OPTION = (
    rf"(?i)(?<![a-z0-9])--[a-z-]{{0,24}}(?:password|secret|token|key)(?:\s{{1,4}}+|=){_OPENING}(?!-){_NONE}{_VALUE}"
)
# `-p` of what signs in; of what runs containers it is a port.
_LOGIN = (
    r"(?i)\b(?:docker|nerdctl|podman|buildah|oras|helm|crane|skopeo|az)\s[^\n|;]{0,200}?\s-p\s{0,2}+"
    rf"{_OPENING}(?!\d{{1,5}}:\d){_NONE}{_VALUE}"
)
_USER_AND_PASSWORD = (
    r"(?i)(?<![\w-])(?:--(?:src-|dest-)?creds|--user|-u)(?:\s{1,4}+|=)[\"']?(?!\d{1,7}:\d)[^\s:\"'/]{1,120}:"
    rf"{_NONE}(?P<secret>[^\s\"'\\]++)"
)
_PIPED = r"(?i)\b(?:echo|printf)\s{1,4}+[\"']?(?P<secret>[^\s\"'|$]{6,})[\"']?\s{0,4}+\|[^\n|]{0,200}--password-stdin"
_SECURE_STRING = r"(?i)\bConvertTo-SecureString\s(?:-String\s)?\s{0,4}+[\"'](?P<secret>[^\"'\n]++)"
# A name and its value as JSON, YAML and XML keep them side by side.
_NAMED = (
    r"(?i)name\\?[\"']?\s{0,2}+:\s{0,2}+\\?[\"']?[\w-]{0,60}?(?:password|secret|token|passwd)\w{0,20}\\?[\"']?\s{0,2}+,?\s{0,40}+"
    rf"\\?[\"']?value\\?[\"']?\s{{0,2}}+:\s{{0,2}}+\\?[\"']?{_NONE}(?P<secret>[^\s\"'\\,}}\]]++)"
)
_ELEMENT = rf"(?i)<(?:\w{{0,40}}(?:password|secret|token))>{_NONE}(?P<secret>[^<\s]++)"
_ATTRIBUTE = r"(?i)\bkey=[\"']\w{0,40}(?:password|secret|token)\w{0,20}[\"']\s{1,4}+value=[\"'](?P<secret>[^\"'\n]++)"
# A bare `token` is a word of every pull error: what follows has to look like one.
_BARE = (
    r"(?i)\btoken\\?[\"']?\s{0,2}+[:=]\s{0,2}+\\?[\"']?"
    r"(?P<secret>(?=[A-Za-z._~+/=-]{0,80}\d)[A-Za-z0-9._~+/=-]{16,}+)(?!:)"
)
_COOKIE = r"(?i)\b(?:set-)?cookie:\s{0,4}+(?P<secret>[^\n\"'\\]++)"
_GIT = r"(?<![A-Za-z0-9_])(?P<secret>(?:gh[pousr]_|glpat-|github_pat_)[A-Za-z0-9_-]{20,}+)"
# A token or a key in PEM, once more in base64, as Kubernetes keeps secrets.
_IN_BASE64 = r"(?<![A-Za-z0-9+/_-])(?P<secret>(?:ZXlK|LS0tLS1CRUdJTi)[A-Za-z0-9+/_-]{24,}+=*+)"
_SETTING = rf"(?i){_KEYS}{_QUOTE}{_SET}{_OPENING}{_NONE}{_VALUE}"
_DOCKER_CONFIG = (
    rf"(?i)dockerconfigjson{_QUOTE}\s{{0,2}}+[:=]\s{{0,2}}+{_OPENING}(?P<secret>(?!{HIDDEN})[A-Za-z0-9+/=_-]{{16,}}+)"
)
_ENTRA_KEY = r"(?<![A-Za-z0-9_~.-])(?P<secret>[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~-])"
_SOURCES = (
    *(_PRIVATE_KEY, _JSON_IN_BASE64, _HEADER, _SCHEME, _SIGNATURE, _IN_URL, _OPTION, _LOGIN, _SETTING),
    *(_DOCKER_CONFIG, _ENTRA_KEY, _USER_AND_PASSWORD, _PIPED, _SECURE_STRING, _NAMED, _ELEMENT, _ATTRIBUTE),
    *(_BARE, _COOKIE, _GIT, _IN_BASE64),
)
# Most texts hold none of these, and are done with.
_MARKS = (
    *("private key", "eyj", "authorization", "bearer", "basic", "sig", "://", "passw", "passphrase", "pwd", "secret"),
    *("key", "token", "assertion", "auth", "sas", "docker", "q~", " -p ", "-u ", "user", "creds", "cookie", "ghp_"),
    *("gho_", "ghu_", "ghs_", "ghr_", "glpat-", "github_pat_", "zxlk", "ls0tls1c"),
)
_SIGNATURES = (
    *("JQQJ9", "7Q~", "8Q~", "AzFu", "AzSe", "AzCa", "+ARm", "+AEh", "+ASb", "+ASt", "+ABa", "+AMC", "+ACR", "AIoT"),
    *("ACDb", "APIM", "AZEG", "oy2", "OY2", "Oy2", "oY2", "dapi", "npm_", "secret_scanning"),
)


def without_secrets(text: str) -> str:
    """The text with the values of secrets replaced by REDACTED; a second call changes nothing."""
    return replaced(text, secrets_in(text))


def secrets_in(text: str) -> list[Span]:
    """Where secrets stand in a text."""
    found: list[Span] = []
    lower = text.lower()
    if any(mark in lower for mark in _MARKS):
        for pattern in _patterns():
            found += _of(pattern, text)
    if any(signature in text for signature in _SIGNATURES):
        found += _signed(text)
    return found


def names_a_secret(key: str) -> bool:
    """Whether a value under this key (of JSON, of a set of tags) is a secret by its name."""
    return _key().fullmatch(key) is not None


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(source) for source in _SOURCES)


@cache
def _key() -> re.Pattern[str]:
    return re.compile(_KEYS, re.IGNORECASE)


def _of(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        start, end = match.span("secret")
        if end > start and text[start:end].strip() != HIDDEN:
            yield Span(start, end, HIDDEN)


def _signed(text: str) -> Iterator[Span]:
    """Keys that Azure issues with a signature in them."""
    for pattern in _signatures():
        for found in pattern.get_detections(text):
            yield Span(found.start, found.end, HIDDEN)


@cache
def _signatures() -> tuple[RegexPattern, ...]:
    # Its patterns without its SecretMasker: that one takes a lock for each text, with calls that Python gave up.
    import microsoft_security_utilities_secret_masker as masker  # noqa: PLC0415 - few texts hold a signature

    # Only the most certain set: the others take digests, commit ids and ids of resources for keys.
    found = masker.load_regex_patterns_from_json_file("HighConfidenceSecurityModels.json")
    return tuple(sorted(found, key=lambda pattern: pattern.pattern))
