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
    shown: Shown, expected: Iterable[str] = (), asked: Iterable[str] = (), posture: str = "none"
) -> dict[str, float]:
    """Everything that needs no simulation: A1 to D1.

    Where the parts of the person are not known, what needs them is left out.

    Args:
        shown: Person and object.
        expected: Body parts that have to touch; `a|b`: one of them is enough.
        asked: Body parts that may.
        posture: What it implies may touch too.
    """
    expected = tuple(expected)
    numbers = quick(shown) | volume_numbers(shown)
    if shown.body is None:
        return numbers
    numbers |= required_contact(shown, expected)
    numbers |= wrong_contact(shown, (*expected, *asked), posture)
    return numbers | hand_numbers(shown) | closure_numbers(shown)


def success(numbers: dict[str, float]) -> bool:
    """F1: hard parts in by less than 5 mm, every expected contact within 1 cm, and, where it was
    measured, less than a tenth of the weight unsupported."""
    return (
        numbers["hard_penetration_mm"] < 5.0
        and numbers["expected_mm"] <= 10.0
        and numbers.get("support_residual", 0.0) < 0.10
    )
