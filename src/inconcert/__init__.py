"""InConcert: ketamine (or esketamine) and TMS together, for depression that resists treatment.

It answers four questions about one person (who, paid for, how given, does it work), each with the records,
rule, source and date behind the answer. It supports a clinician's decision and decides nothing.
"""

__version__ = "0.1.0"
