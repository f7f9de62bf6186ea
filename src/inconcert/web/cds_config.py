"""What the site is told about EHRs that call it (CDS Hooks). Nothing of it set: every call is refused.

=========================  ============================================================================
`INCONCERT_CDS_URL`        how EHRs reach the site, such as `https://clinic.example`; tokens must name it
`INCONCERT_CDS_JWKS`       file with the public keys of the EHRs that may call (JWKS); never fetched
`INCONCERT_CDS_ISSUERS`    who they are: the `iss` of each, separated by commas
`INCONCERT_CDS_ORIGINS`    web origins whose pages may call (CORS), separated by commas; none if unset
`INCONCERT_CDS_CLINIC`     name of the clinic in whose access log calls stand; the only clinic if unset
`INCONCERT_CDS_MB`         largest call, in megabytes (10 if unset)
`INCONCERT_CDS_DEMO`       `1` lets calls from this machine in without a token, to try it out; never behind a proxy
`INCONCERT_CRD_VERSION`    shape of the answer where a call does not say: `2.0` (if unset) or `2.2`
`INCONCERT_CRD_CODES`      a clinic's own file of order codes, looked at before ours
=========================  ============================================================================
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from inconcert.exchange.crd import CrdVersion
from inconcert.web import config
from inconcert.web.config import SettingError

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]+)?")


@dataclass(frozen=True, slots=True)
class CdsConfig:
    """The settings of the CDS Hooks service."""

    url: str
    jwks: Path | None
    issuers: tuple[str, ...]
    origins: frozenset[str]
    clinic: str
    most_bytes: int
    demo: bool
    version: CrdVersion
    codes: Path | None

    @property
    def is_set_up(self) -> bool:
        """Whether any EHR may call with a token."""
        return bool(self.url and self.jwks and self.issuers)


def cds_config() -> CdsConfig:
    """The settings as the environment has them.

    Raises:
        SettingError: one cannot be used, or some that go together are missing.
    """
    url, jwks, issuers = (
        _text("INCONCERT_CDS_URL").rstrip("/"),
        _text("INCONCERT_CDS_JWKS"),
        _list("INCONCERT_CDS_ISSUERS"),
    )
    if any((url, jwks, issuers)) and not all((url, jwks, issuers)):
        raise SettingError(
            "INCONCERT_CDS_URL, INCONCERT_CDS_JWKS and INCONCERT_CDS_ISSUERS go together. Mend: set all three, or none"
        )
    if url and not _ORIGIN.fullmatch(url):
        raise SettingError(f"INCONCERT_CDS_URL is {url!r}. Mend: write it as https://clinic.example, without a path")
    origins = _list("INCONCERT_CDS_ORIGINS")
    odd = next((o for o in origins if not _ORIGIN.fullmatch(o)), None)
    if odd is not None:
        raise SettingError(
            f"INCONCERT_CDS_ORIGINS holds {odd!r}. Mend: write each as https://ehr.example, without a path"
        )
    demo = config.switch("INCONCERT_CDS_DEMO")
    if demo and config.switch("INCONCERT_BEHIND_PROXY"):
        raise SettingError(
            "INCONCERT_CDS_DEMO is on behind a proxy, where every caller looks like this machine. Mend: turn it off"
        )
    codes = os.environ.get("INCONCERT_CRD_CODES", "")
    return CdsConfig(
        url=url,
        jwks=Path(jwks).expanduser() if jwks else None,
        issuers=issuers,
        origins=frozenset(origins),
        clinic=_text("INCONCERT_CDS_CLINIC"),
        most_bytes=config.whole_number("INCONCERT_CDS_MB", 10) * 1_000_000,
        demo=demo,
        version=_version(os.environ.get("INCONCERT_CRD_VERSION", "")),
        codes=Path(codes).expanduser() if codes else None,
    )


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


def _list(name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(name).split(",") if part.strip())


def _version(text: str) -> CrdVersion:
    known = {v.value: v for v in CrdVersion}
    if text and text not in known:
        raise SettingError(f"INCONCERT_CRD_VERSION is {text!r}. Mend: write one of {', '.join(known)}")
    return known[text] if text else CrdVersion.V2_0
