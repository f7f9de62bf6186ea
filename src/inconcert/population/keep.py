"""Working a table out once and keeping it."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table


def kept(table: Table) -> Table:
    """The table worked out now. Its steps stay apart: melted into one, each would be written out again wherever it is used."""
    melts = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        return table.cache()
    finally:
        ibis.options.sql.fuse_selects = melts
