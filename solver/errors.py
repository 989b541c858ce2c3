"""Failures with a remedy. Standard library only: Blender imports this file."""


class SolverError(Exception):
    """A failure that the user can do something about.

    `str(error)` says what happened, with the offending value. `error.remedy` says what to do next,
    in the words of the Blender panel. Anything that is not a `SolverError` is a bug.
    """

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class Cancelled(Exception):
    """The user asked to stop. Not a failure: nothing is reported and nothing is changed."""
