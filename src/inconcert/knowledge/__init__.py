"""What the world says, as files: each fact with its source, its date and whether it was read or recalled.

Nothing here judges. A room asks for a file's contents by name and gets frozen, typed, validated structures.
"""
