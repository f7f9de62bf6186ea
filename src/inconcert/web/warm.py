"""Before the first call: every knowledge file is read, and the collector of garbage need not look at them again.

Without it the first call waits for the files, and every so often a call waits for a walk over all that was read from them.
"""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime

from inconcert.evidence.synthesis.what_is_known import what_is_known
from inconcert.exchange.disclosure import disclosable
from inconcert.knowledge.order_codes import order_kinds
from inconcert.payers import determine_all
from inconcert.payers.types import Case
from inconcert.record import Person
from inconcert.safety import screen
from inconcert.staging.rebuild import rebuild_trials


def _warm_up_synthesis(today: date) -> None:
    """The usual question of the page on the pair; nothing where the synthesis is not installed."""
    try:
        from inconcert.web.evidence_answer import answer_of, usual
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return
    answer_of(usual(today))


def warm_up() -> None:
    """Ask every policy about nobody, and set aside for good what that has read."""
    nobody, today = Person(id="nobody"), datetime.now(UTC).date()
    history = rebuild_trials(disclosable(nobody), today)
    case = Case(person=nobody, history=history, safety=screen(nobody, history, today), as_of=today)
    determine_all(case, ways_for=())
    order_kinds()
    what_is_known(today)
    _warm_up_synthesis(today)
    gc.collect()
    gc.freeze()  # knowledge is never thrown away; workers made from this process then share its memory
