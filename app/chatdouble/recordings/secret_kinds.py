"""The kinds of secrets: the one list that recordings, the journal, logs, reports and names of sessions use.

The prefixes and lengths are those of the rules of gitleaks and detect-secrets, and of the providers' own keys.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

REDACTED: Final = "[secret]"
"""The text that replaces a secret."""

WORD: Final = "A-Za-z0-9+/=_%.~-"
"""The characters of a word that may be a secret, for a regular expression."""
SHORTEST_WORD: Final = 11
"""The characters of the shortest word that is a secret."""


class Kind(NamedTuple):
    """A kind of secret.

    Attributes:
        piece: A text that each contains; it is quick to look for.
        pattern: A regular expression. Its group is the secret if it has one, else all of it is.
        spreads: Whether it may be shorter than `SHORTEST_WORD`, or have other characters than those of a `WORD`.
    """

    piece: str
    pattern: str
    spreads: bool = False

    def regex(self) -> re.Pattern[str]:
        """Return the compiled pattern."""
        return _compiled(self.pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Compiled on first use: most kinds never occur.
    return re.compile(pattern, re.DOTALL)


_ALONE: Final = "(?<![A-Za-z0-9])"
"""The place where a key can begin; after an underscore too, as in the name of a file."""

_REST: Final[Mapping[str, str]] = {
    **dict.fromkeys(("gsk_", "lin_api_", "pplx-", "xai-"), r"[A-Za-z0-9]{40,}"),
    **dict.fromkeys(("nfp_", "npm_", "pnu_"), r"[A-Za-z0-9]{36}"),
    **dict.fromkeys(("EZAK", "EZTK"), r"[A-Za-z0-9]{54}"),
    **dict.fromkeys(("figd_", "fo1_", "jina_", "sha256~", "sq0csp-", "tgp_v1_"), r"[A-Za-z0-9_-]{40,}"),
    **dict.fromkeys(("e2b_", "pul-", "sbp_"), r"[0-9a-f]{40}"),
    **dict.fromkeys(("doo_v1_", "dop_v1_", "dor_v1_", "s-s4t2af-", "s-s4t2ud-", "sntryu_"), r"[0-9a-f]{64}"),
    **dict.fromkeys(("dapi", "p8e-"), r"[0-9a-z]{32}"),
    "fio-u-": r"[A-Za-z0-9_-]{64}",
    "rdme_": r"[a-z0-9]{70}",
    # Providers of models.
    "AIza": r"[0-9A-Za-z_-]{35}",
    "ABSK": r"[A-Za-z0-9+/]{109,}={0,2}",
    "api_org_": r"[A-Za-z0-9]{34}",
    "AQ.Ab": r"[A-Za-z0-9_-]{40,}",
    "bedrock-api-key-": r"[A-Za-z0-9+/=_-]{20,}",
    "csk-": r"[a-z0-9]{40,}",
    "ek_": r"[A-Za-z0-9]{20,}",
    "fw_": r"[A-Za-z0-9]{22,}",
    "hf_": r"[A-Za-z0-9]{30,}",
    "lsv2_": r"[a-z]{2}_[0-9a-f]{32}_[0-9a-f]{10}",
    "fc-": r"[0-9a-f]{32}(?![0-9a-f])",
    "nvapi-": r"[A-Za-z0-9_-]{50,}",
    "pa-": r"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])",
    "pcsk_": r"[A-Za-z0-9]{5,8}_[A-Za-z0-9]{50,}",
    "r8_": r"[A-Za-z0-9]{37}",
    "rpa_": r"[A-Z0-9]{40,}",
    "tvly-": r"(?:dev-|prod-)?[A-Za-z0-9]{32}",
    # Clouds and their tokens.
    **dict.fromkeys(("AKIA", "ASIA", "ABIA", "ACCA"), r"[0-9A-Z]{16}(?![0-9A-Z])"),
    **dict.fromkeys(("IQoJb3JpZ2luX2", "FwoGZXIvYXdz", "FQoGZXIvYXdz"), r"[A-Za-z0-9+/]{100,}={0,2}"),
    "A3T": r"[0-9A-Z]{17}(?![0-9A-Z])",
    "1//0": r"[A-Za-z0-9_-]{40,}",
    "GOCSPX-": r"[A-Za-z0-9_-]{24,}",
    "ya29.": r"[A-Za-z0-9_-]{20,}",
    "LTAI": r"[A-Za-z0-9]{16,24}(?![A-Za-z0-9])",
    "HRKU-AA": r"[A-Za-z0-9_-]{58}",
    **dict.fromkeys(("fm1a_", "fm1r_", "fm2_"), r"[A-Za-z0-9+/]{100,}={0,3}"),
    "4b1d": r"[A-Za-z0-9]{38}(?![A-Za-z0-9])",
    "v1.0-": r"[0-9a-f]{24}-[0-9a-f]{146}",
    "t1.": r"[A-Za-z0-9_-]{20,}={0,2}\.[A-Za-z0-9_-]{86}={0,2}",
    "AQVN": r"[A-Za-z0-9_-]{35,38}(?![A-Za-z0-9_-])",
    "tk-us-": r"[A-Za-z0-9_-]{48}",
    # Code, packages and builds.
    **{f"gh{kind}_": r"[A-Za-z0-9]{36,}" for kind in "oprsu"},
    "github_pat_": r"[A-Za-z0-9_]{40,}",
    "glpat-": r"[A-Za-z0-9_.-]{20,}",
    **{
        f"gl{kind}-": r"[A-Za-z0-9_.-]{20,}"
        for kind in ("agent", "dt", "ffct", "ft", "imt", "oas", "ptt", "rt", "soat")
    },
    "GR1348941": r"[A-Za-z0-9_-]{20}",
    "ATATT3": r"[A-Za-z0-9_=-]{100,}",
    "dckr_pat_": r"[A-Za-z0-9_-]{27}",
    "glcbt-": r"[A-Za-z0-9]{1,5}_[A-Za-z0-9_-]{20,}",
    "pypi-": r"[A-Za-z0-9_-]{50,}",
    "rubygems_": r"[0-9a-f]{48}",
    "CLOJARS_": r"[A-Za-z0-9]{60}",
    "cmVmdGtu": r"[A-Za-z0-9]{56}(?![A-Za-z0-9])",
    "API-": r"[A-Z0-9]{26}(?![A-Za-z0-9])",
    **dict.fromkeys(("pat.", "sat."), r"[A-Za-z0-9_-]{22}\.[0-9a-zA-Z]{24}\.[A-Za-z0-9]{20}"),
    "sgp_": r"(?:(?:[0-9a-fA-F]{16}|local)_)?[0-9a-fA-F]{40}",
    "AKCp": r"[A-Za-z0-9]{69}",
    # Services.
    "xox": r"[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}",
    "xapp-": r"[0-9]-[A-Za-z0-9]+-[0-9]+-[A-Za-z0-9]+",
    "hooks.slack.com/": r"(?:services|workflows|triggers)/[A-Za-z0-9+/]{40,}",
    "sk_": r"(?:(?:live|test|prod)_[A-Za-z0-9]{16,}|[0-9a-f]{48}(?![0-9a-f]))",
    "vcp_": r"[A-Za-z0-9]{50,}",
    "rk_": r"(?:live|test|prod)_[A-Za-z0-9]{16,}",
    **dict.fromkeys(("glc_", "whsec_"), r"[A-Za-z0-9+/]{32,}={0,3}"),
    "SG.": r"[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}",
    "SK": r"[0-9a-f]{32}(?![0-9a-f])",
    "sq0atp-": r"[A-Za-z0-9_-]{22,}",
    "xkeysib-": r"[0-9a-f]{64}-[A-Za-z0-9]{16}",
    "sntrys_eyJ": r"[A-Za-z0-9+/=_]{40,}",
    "glsa_": r"[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}",
    "A3-": r"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
    "FLWSECK": r"(?:_TEST)?-[0-9a-f]{12,}",
    "NRII-": r"[A-Za-z0-9-]{32}",
    "access-": r"(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "dnkey-": r"[A-Za-z0-9_-]{26}-[A-Za-z0-9_-]{52}",
    "duffel_": r"(?:live|test)_[A-Za-z0-9_-]{43}",
    "eyJrIjoi": r"[A-Za-z0-9]{70,}={0,2}(?![A-Za-z0-9+/=._-])",
    "ico-": r"[A-Za-z0-9]{32}(?![A-Za-z0-9])",
    "live_": r"[0-9a-f]{35}(?![0-9a-f])",
    "pat-": r"(?:eu|na)[0-9]-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "shippo_": r"(?:live|test)_[0-9a-fA-F]{40}",
    "sl.": r"[A-Za-z0-9_-]{130,}",
    "sm_": r"(?:aat|pat|sat)_[A-Za-z0-9]{16}(?![A-Za-z0-9])",
    "tfp_": r"[A-Za-z0-9_.-]{59}",
    "NRAK-": r"[0-9A-Z]{27}",
    "secret_": r"[A-Za-z0-9]{43}(?![A-Za-z0-9])",
    "ntn_": r"[0-9]{11}[A-Za-z0-9]{35}",
    "PMAK-": r"[0-9a-f]{24}-[0-9a-f]{34}",
    "dp.pt.": r"[A-Za-z0-9]{43}",
    "dt0c01.": r"[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}",
    "pscale_": r"(?:tkn|oauth|pw)_[A-Za-z0-9_=.-]{32,}",
    **{f"shp{kind}_": r"[0-9a-fA-F]{32}" for kind in ("at", "ca", "pa", "ss")},
    **dict.fromkeys(("hvb.", "hvs."), r"[A-Za-z0-9_-]{90,}"),
    "ops_eyJ": r"[A-Za-z0-9+/]{250,}={0,3}",
    "AGE-SECRET-KEY-1": r"[0-9A-Z]{58}",
}
"""Keys with a prefix, and the pattern of their rest."""

# The first lookahead passes each word once; without it, a word with many beginnings would be searched from each.
_JWT_WITHIN: Final = (
    r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]++\.[A-Za-z0-9_-]{8,}+\.)(?:[A-Za-z0-9_-]*?[_-])??"
    r"(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)"
)

_AZURE_MARKS: Final[Mapping[str, str]] = {
    "AzSe": r"(?<![A-Za-z0-9])[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}",
    "AzFu": r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{6}==",
    "AzCa": r"(?<![A-Za-z0-9])[A-Za-z0-9]{33}AzCa[A-P][A-Za-z0-9]{5}=",
    "+ACR": r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{42}\+ACR[A-D][A-Za-z0-9/+]{5}",
    **{
        mark: rf"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{{33}}{re.escape(mark)}[A-P][A-Za-z0-9/+]{{5}}="
        for mark in ("AIoT", "+ASb", "+AEh", "+ARm")
    },
    **{
        mark: rf"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{{76}}{re.escape(mark)}[A-Za-z0-9/+]{{6}}=="
        for mark in ("APIM", "ACDb", "+ABa", "+AMC", "+ASt")
    },
}
"""Keys of Azure's services, which have a mark near their end, and their patterns."""

KEYS: Final = (
    *(Kind(prefix, f"{_ALONE}{re.escape(prefix)}{rest}") for prefix, rest in _REST.items()),
    Kind("eyJ", _JWT_WITHIN),
    Kind(":AA", r"(?<![0-9A-Za-z])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])", spreads=True),
    Kind(".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}"),
    Kind("JQQJ99", _ALONE + r"[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}"),
    *(Kind(mark, pattern) for mark, pattern in _AZURE_MARKS.items()),
    Kind("pat", _ALONE + r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    Kind("k.eyJ", _ALONE + r"[ps]k\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{22}"),
    Kind("key-", r"(?<![A-Za-z0-9_-])key-[0-9a-f]{32}(?![0-9A-Za-z_-])"),
    Kind("_mmk", _ALONE + r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    Kind("Q~", r"(?<![A-Za-z0-9_~.])[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    Kind("-us", _ALONE + r"[0-9a-f]{32}-us[0-9]{1,2}(?![0-9])"),
)
"""Keys of providers and services, which a client may send as its own."""

_ENCODED: Final = "[A-Za-z0-9%+/=_-]{20,}"
SECRETS: Final = (
    # In a text, a short key with a digit counts too: nobody writes one that is not a key.
    Kind("sk-", _ALONE + r"sk-(?:(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{20,})"),
    Kind("earer", r"[Bb]earer\s+[A-Za-z0-9._~+/=-]{16,}", spreads=True),
    Kind(
        "uthorization",
        r"[Aa]uthorization[\"'\\]{0,8}\s{0,3}[:=]\s{0,3}[\"'\\]{0,8}[Bb]asic\s+([A-Za-z0-9+/_-]{8,}={0,2})",
        spreads=True,
    ),
    Kind("webhook.office.com/", r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{80,})", spreads=True),
    Kind("/api/webhooks/", r"/api/webhooks/[0-9]{16,20}/([A-Za-z0-9_-]{60,})"),
    Kind("sess-", _ALONE + r"sess-[A-Za-z0-9]{24,}"),
    Kind("org-", _ALONE + r"org-[A-Za-z0-9]{20,}"),
    Kind("proj_", _ALONE + r"proj_[A-Za-z0-9]{16,}"),
    Kind(
        "PRIVATE",  # plus signs are the blanks of forms
        r"-----?[ +]?BEGIN[ +][A-Z0-9 +]*PRIVATE[ +]KEY(?:[ +]BLOCK)?[ +]?-----?"
        r".*?(?:-----?[ +]?END[ +][A-Z0-9 +]*PRIVATE[ +]KEY(?:[ +]BLOCK)?[ +]?-----?|\Z)",
        spreads=True,
    ),
    Kind("Private-Lines", r"Private-Lines:\s*[0-9]+\s+([A-Za-z0-9+/=\s]{20,})", spreads=True),
    Kind("://", r"://[^\s/?#@:\"'<>\\]{0,256}:([^\s/?#@\"'<>\\]{1,512})@", spreads=True),
    Kind("sig=", rf"{_ALONE}sig=({_ENCODED})"),
    Kind("Signature=", f"Signature=({_ENCODED})"),
    Kind("Security-Token=", f"Security-Token=({_ENCODED})"),
    Kind("Key=", r"(?:Account|Access)Key=([A-Za-z0-9+/_-]{20,}={0,2})"),
    *KEYS,
)
"""All secrets that texts may contain: keys, tokens, passwords, account ids."""

SPREADING: Final = tuple(kind for kind in SECRETS if kind.spreads)
"""The kinds that may be short, or have other characters than a word."""

_RARE: Final = "~+=_:QJZKYVHGW9876543210/-.LzIXBFUMCDNPORSTAE qjxkvbgywpfmucldhrsnioate"
"""Characters that pieces of secrets have, those first which few texts have."""


def _by_character() -> dict[str, list[Kind]]:
    kinds: dict[str, list[Kind]] = {}
    for kind in SECRETS:
        kinds.setdefault(min(kind.piece, key=_RARE.index), []).append(kind)
    return kinds


_BY_CHARACTER: Final = _by_character()
"""All kinds of secrets, by the rarest character of their pieces: one character is found in a hundredth of the time."""


def kinds_in(text: str) -> list[Kind]:
    """Return the kinds of secrets that a text may have."""
    listed = [kinds for character, kinds in _BY_CHARACTER.items() if character in text]
    return [kind for kinds in listed for kind in kinds if kind.piece in text]


LABELLED: Final = r"""(?x)(?i:
    (?:(?:api|access|account|subscription|secret|shared|azure|aws|auth|client|openai|cognitive|speech|translator|functions)
        [a-z0-9\ _-]{0,20}?(?:key|secret|token)|(?:primary|secondary)key|passw(?:or)?d|(?<![a-z])key(?=[\ _]?[12]))
    s?(?:[\ _-]?[12])?(?:credential)?)
    [\]\["'`\\\s:=<>(),|]{0,12}(?:(?:is|value)\b[\]\["'`\\\s:=<>(),|]{0,12})?
    ([0-9a-fA-F]{32}|[A-Za-z0-9/+]{40}|[A-Za-z0-9]{84}|[A-Za-z0-9/+]{86}==)(?![A-Za-z0-9/+_=-])"""
"""Keys without a prefix, of Azure and Amazon: where a text names a key, in a line or as the key of an object."""

_REAL_OPENAI_KEY: Final = Kind("sk-", _ALONE + r"sk-(?:[a-z]+-)?[A-Za-z0-9_-]{32,}")
# Azure's keys look like any long word, so only where a key is expected can they be recognised.
_AZURE_KEY: Final = r"[A-Za-z0-9]{32,}"
_JWT: Final = r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"


def is_real(name: str, *, is_key: bool) -> bool:
    """Tell whether a session's name looks like a real key, or has one in it.

    Test keys such as `sk-test-1` and UUIDs do not.

    Args:
        name: The name.
        is_key: Whether a client sent it as its key, where any long word may be one.
    """
    if any(kind.piece in name and kind.regex().search(name) for kind in (_REAL_OPENAI_KEY, *KEYS)):
        return True
    return is_random(name) or (is_key and bool(re.fullmatch(_AZURE_KEY, name) or re.fullmatch(_JWT, name)))


_SHORTEST_RANDOM: Final = 32
_LONGEST_READ: Final = 256
_LEAST_VARIETY: Final = 18
"""Fewer different characters make a UUID or words rather than a key."""
_RANDOM: Final = r"[A-Za-z0-9+/=_~.-]+"
# Words have their digits in one place, at the end of a name or in a number of their own.
_MIXED_RUN: Final = r"(?=[A-Za-z]*[0-9]+[A-Za-z]+[0-9])[A-Za-z0-9]{16,}"


def is_random(text: str) -> bool:
    """Tell whether a text looks drawn by lot: long, of many characters, letters between digits."""
    text = text[:_LONGEST_READ]
    if len(text) < _SHORTEST_RANDOM or len(set(text)) < _LEAST_VARIETY or not re.fullmatch(_RANDOM, text):
        return False
    return re.search(_MIXED_RUN, text) is not None


def is_amazon_secret(text: str) -> bool:
    """Tell whether a word looks like an AWS secret key: 40 characters of base64 of all three sorts."""
    if len(text) != _AMAZON_LENGTH or not re.fullmatch(_AMAZON, text):
        return False
    return len(set(text)) >= _LEAST_VARIETY


_AMAZON_LENGTH: Final = 40
_AMAZON: Final = r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9/+]+"
