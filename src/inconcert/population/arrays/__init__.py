"""The tables' expressions worked out on arrays: the same Ibis expressions that an engine is sent, read by numpy instead.

An engine reads, filters and joins; here the many small answers are made of what it read. What is not known here is left to the engine.
"""
