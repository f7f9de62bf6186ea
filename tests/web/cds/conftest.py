"""The site with one EHR that may call."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.crd_calls import ESKETAMINE_ORDER, TMS_ORDER, call
from support.ehr import EC_KEY, ISSUER, RSA_KEY, URL, Json, public


@pytest.fixture
def ehr(town: Any, tmp_path: Path) -> Iterator[Any]:
    """The site with one EHR that may call."""
    from django.conf import settings  # after Django has started
    from django.core.cache import cache

    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [public("ec-1", EC_KEY), public("rsa-1", RSA_KEY)]}))
    before = settings.CDS
    settings.CDS = dataclasses.replace(
        before, url=URL, jwks=file, issuers=(ISSUER,), origins=frozenset({"https://app.ehr.example"}), clinic="Here"
    )
    cache.clear()
    yield town
    settings.CDS = before


@pytest.fixture
def body(bundles: dict[str, Json]) -> Json:
    """A call to sign TMS and esketamine for somebody whose chart is complete."""
    return call(bundles["complete-and-clean"], TMS_ORDER, ESKETAMINE_ORDER)
