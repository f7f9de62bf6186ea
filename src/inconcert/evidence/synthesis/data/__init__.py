"""Rows become contrasts: a reader's file, or our own study tables, as one network that a model can be fitted to."""
