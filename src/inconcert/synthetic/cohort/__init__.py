"""Invented people by the thousand or the million: as columns, and the same people one by one as records.

Every draw is keyed to (seed, person, decision), so person 7 is the same in any cohort. `tables` makes columns,
`records` the facts from which the person rule finds the same (tests hold the two against each other row by row).
"""

from inconcert.synthetic.cohort.columns import Column, Table, from_day, to_day
from inconcert.synthetic.cohort.records import records
from inconcert.synthetic.cohort.tables import person_id, tables

__all__ = ["Column", "Table", "from_day", "person_id", "records", "tables", "to_day"]
