"""The fault that reaches a user: one line with the thing, what is wrong, and the remedy."""


class FaroError(Exception):
    """A fault of use, configuration or surroundings.

    `str()` is what the command line prints, without traceback; several faults stand on a line
    each. Every room derives its own class from it.
    """
