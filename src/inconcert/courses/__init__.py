"""How it is given: the ways to give ketamine or esketamine and TMS, alone and together, set against one person."""

from inconcert.courses.build import build
from inconcert.courses.load import WayLoad, way_load
from inconcert.courses.needs import read_needs
from inconcert.courses.propose import ORDER_RULE, propose
from inconcert.courses.types import (
    Blocker,
    FitDirection,
    FitNote,
    Need,
    Needs,
    PartCoverage,
    ProposalList,
    ProposedWay,
)
from inconcert.knowledge.courses import WayFile, way_files

__all__ = [
    "ORDER_RULE",
    "Blocker",
    "FitDirection",
    "FitNote",
    "Need",
    "Needs",
    "PartCoverage",
    "ProposalList",
    "ProposedWay",
    "WayFile",
    "WayLoad",
    "build",
    "propose",
    "read_needs",
    "way_files",
    "way_load",
]
