"""Does it work: the rooms of evidence. They do not know of one another."""
