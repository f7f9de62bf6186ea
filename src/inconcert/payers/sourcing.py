"""The sources that a criterion stands on."""

from __future__ import annotations

import functools

from inconcert.judgement import Reading, Source
from inconcert.knowledge.policies import CoveragePolicy
from inconcert.knowledge.policy_schema import Provenance


@functools.lru_cache(maxsize=512)
def _sources_of(policy: CoveragePolicy, recalled: bool) -> tuple[Source, ...]:
    if recalled:
        return tuple(Source(s.ref, s.where, Reading.RECALLED) for s in policy.sources) or (
            Source(policy.id, "from memory, no source seen", Reading.RECALLED),
        )
    return policy.sources or (Source(policy.id, "no source seen", Reading.RECALLED),)


def sources_named(policy: CoveragePolicy, provenance: Provenance | None) -> tuple[Source, ...]:
    """The sources of a policy; for a criterion that somebody only recalls, marked as recalled."""
    return _sources_of(policy, provenance is Provenance.RECALLED)
