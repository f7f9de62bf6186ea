"""Does it work: what the studies say of the pair and of each treatment alone, each number traced to its row.

`what_is_known` needs the plain install; the subpackages (`data`, `models`, `trust`, `pair`) need NumPy. Import what you need from
its module: nothing is imported here, so that a network of a reader's own starts without our tables.
"""
