"""The JSON form of an assessment, and its schema."""

from __future__ import annotations

from typing import Any

import msgspec

from inconcert.assessment.types import SCHEMA_VERSION, Assessment


def as_json(assessment: Assessment) -> dict[str, Any]:
    """The assessment as plain JSON values: enums as their words, dates as YYYY-MM-DD."""
    plain: dict[str, Any] = msgspec.to_builtins(assessment, str_keys=True)
    return plain


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of `as_json`."""
    schema = msgspec.json.schema(Assessment)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "InConcert assessment",
        "description": f"The answer of `inconcert assess --json`, schema version {SCHEMA_VERSION}.",
        **schema,
    }
