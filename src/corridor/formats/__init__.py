"""Readers and writers of the field's own files: they turn other people's formats into checked,
plain descriptions.

Each format has a module or a package of its own. A reader never guesses silently: what it cannot
understand is a `corridor.problems.Problem` with file, line and column, and all problems come at
once.
"""
