"""What a person should know of a result before looking at it: sentences from its numbers."""

AWAY, ELSEWHERE = 30.0, 100.0
"""Millimetres from which a part misses the object, or the place on it that was meant."""
DEEP = 30.0
"""Millimetres of overlap, of hard parts, that nobody overlooks."""
INSIDE = 0.05
"""Share of the body inside the object, likewise."""


def remarks(metrics: dict[str, float]) -> tuple[str, ...]:
    """Warnings about one solution; none when it is as it should be.

    Args:
        metrics: As `measure` names them, millimetres.
    """
    said: list[str] = []
    gaps = {name[4:-3]: value for name, value in metrics.items() if name.startswith("gap_")}
    for name, gap in gaps.items():
        part, _, region = name.replace("_", " ").partition(">")
        if not region and gap > AWAY:
            said.append(f"The {part} is {_length(gap)} from the object.")
        elif region and gap > ELSEWHERE and gaps.get(name.split(">")[0], 0.0) <= AWAY:
            said.append(f"The {part} is {_length(gap)} from its place ({region}).")
    if metrics["hard_penetration_mm"] > DEEP:
        said.append(f"Person and object overlap by {_length(metrics['hard_penetration_mm'])}.")
    if metrics["non_collision"] < 1 - INSIDE:
        said.append(f"{1 - metrics['non_collision']:.0%} of the body is inside the object.")
    return tuple(said)


def _length(millimetres: float) -> str:
    return f"{millimetres:.0f} mm" if millimetres < 100 else f"{millimetres / 10:.0f} cm"
