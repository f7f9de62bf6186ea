"""Before the first call the site has read its knowledge, and set it aside from the collector of garbage."""

from __future__ import annotations

import gc

from inconcert.knowledge.policies import policies
from inconcert.knowledge.safety import safety_items
from inconcert.web.warm import warm_up


def test_what_was_read_is_set_aside() -> None:
    """The policies and safety items are read once and no longer walked over; nothing else is kept from being collected."""
    try:
        warm_up()
        assert gc.get_freeze_count() > 10_000
        walked = {id(each) for each in gc.get_objects()}
        assert not any(id(policy) in walked for policy in policies().values())
        assert id(safety_items()) not in walked
        assert gc.isenabled()
    finally:
        gc.unfreeze()
