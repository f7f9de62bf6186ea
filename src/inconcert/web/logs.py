"""Log lines that hold no value of a chart."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType


class NoValuesFormatter(logging.Formatter):
    """Shows where an error happened and of which kind, and leaves its message out.

    A message such as "'1980-13-01' is not a date" repeats what stood in the record.
    """

    def formatException(  # noqa: N802 - the name is logging's
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The frames and the kind of the error, without its words."""
        kind, _, trace = ei
        frames = "".join(traceback.format_tb(trace)) if trace else ""
        return f"{frames}{kind.__name__ if kind else 'error'} (message left out: it may repeat what a record says)"
