"""Bulk Data exports: a folder of NDJSON read into the tables of a cohort."""

from inconcert.exchange.bulk.account import BulkAccount
from inconcert.exchange.bulk.read import BulkReading, read_bulk

__all__ = ["BulkAccount", "BulkReading", "read_bulk"]
