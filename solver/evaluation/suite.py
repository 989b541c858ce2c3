"""The measures by name, the unit at the end: quick ones for every report, all for a benchmark.

The letters are those of our suite: A collision, B contact, C statics, D ground, F success.
"""

from collections.abc import Iterable

from .balance import ground, own_body
from .closure import closure_numbers
from .contact import contact, required_contact, wrong_contact
from .hands import hand_numbers
from .penetration import non_collision, penetration, scene_penetration, without_parts
from .shown import Shown
from .simulation import drift_numbers, slip_numbers
from .support import MOVING, support_numbers
from .volume import volume_numbers


def quick(shown: Shown) -> dict[str, float]:
    """A1, A2, A4, B1, D1: a third of a second."""
    numbers = penetration(shown)
    if shown.body is None:
        numbers = without_parts(numbers)
    return {
        **non_collision(shown), **contact(shown), **numbers, **scene_penetration(shown),
        **own_body(shown), **ground(shown),
    }  # fmt: skip


def thorough(
    shown: Shown,
    expected: Iterable[str] = (),
    asked: Iterable[str] = (),
    posture: str = "none",
    *,
    movable: bool = False,
) -> dict[str, float]:
    """Everything that needs no simulation: A1 to D1.

    Where the parts of the person are not known, what needs them is left out.

    Args:
        shown: Person and object.
        expected: Body parts that have to touch; `a|b`: one of them is enough.
        asked: Body parts that may.
        posture: What it implies may touch too; a step needs no support.
        movable: The person holds the object.
    """
    expected = tuple(expected)
    numbers = quick(shown) | volume_numbers(shown)
    numbers |= support_numbers(shown, movable=movable, posture=posture)
    if shown.body is None:
        return numbers
    numbers |= required_contact(shown, expected)
    numbers |= wrong_contact(shown, (*expected, *asked), posture)
    return numbers | hand_numbers(shown) | closure_numbers(shown)


def simulated(shown: Shown, posture: str = "none", *, movable: bool = False) -> dict[str, float]:
    """C3: slip of a held object, drift of a body at rest.

    Args:
        shown: Person and object.
        posture: A step is not let go.
        movable: The person holds the object.

    Raises:
        SolverError: Without the extra `physics`.
    """
    if movable:
        return slip_numbers(shown)
    return {} if posture in MOVING else drift_numbers(shown)


def success(numbers: dict[str, float]) -> bool:
    """F1: hard parts in by less than 5 mm, every expected contact within 1 cm, and carried.

    Carried is who has less than a tenth of the weight unsupported, or takes a step.
    """
    return (
        numbers["hard_penetration_mm"] < 5.0
        and numbers["expected_mm"] <= 10.0
        and numbers.get("support_residual", 0.0) < 0.10
    )
