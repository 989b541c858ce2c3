"""The row that the tables hold for one result."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from manifest import Job

from solver.evaluation import Shown, expected_contact, simulated, success, thorough
from solver.vocabulary import OFF_OBJECT

GRASPS = ("power", "hook")
"""Shapes of a hand that closes around something."""
ROD = (10.0, 40.0)
"""Thickness, millimetres, of rods and handles."""


def row_of(
    job: Job, shown: Shown, report: dict[str, Any], folder: Path, *, physics: bool
) -> dict[str, Any]:
    """What the tables say of one result.

    Args:
        job: What was asked, and what should touch.
        shown: The evaluated meshes.
        report: The solver's own `report.json`, for the plan and the seconds.
        folder: The job's: grips that were found lie there.
        physics: Simulate too.
    """
    plan = report["plan"]
    asked = [one["part"] for one in plan["contacts"] if one["region"] not in OFF_OBJECT]
    posture, movable = plan["posture"], plan["movable"]
    values = thorough(shown, job.contacts, asked, posture, movable=movable)
    if physics:
        values |= simulated(shown, posture, movable=movable)
    return {
        **{key: round(value, 4) for key, value in values.items()},
        "success": float(success(values)),
        "contacts": " ".join(_contact(shown, name) for name in job.contacts),
        **grasp_kinds(plan, values, grip_radii(folder)),
        "posture": posture, "expected_posture": job.posture,
        "relation": plan["relation"], "expected_relation": job.relation,
        "movable": int(movable),
        "standing_mm": standing_error(job, values), "sole_tilt_mm": sole_tilt(job, values),
        **{f"{stage}_s": seconds for stage, seconds in report["cpu_seconds"].items()},
        "warnings": "; ".join(report["warnings"]),
    }  # fmt: skip


def _contact(shown: Shown, name: str) -> str:
    """An expected contact in one word: part, gap and depth in millimetres, whether it sank."""
    one = expected_contact(shown, name)
    return f"{one.name}:{1e3 * one.gap:.2f}:{1e3 * one.depth:.2f}:{int(one.sunk)}"


def grasp_kinds(
    plan: dict[str, Any], values: dict[str, float], radii: dict[str, float]
) -> dict[str, str]:
    """For each hand that grasps: its shape, and whether what it grasps is a rod.

    Args:
        plan: The solver's.
        values: The suite's: thickness of the object under the hand.
        radii: Of the rods that were found for the hands, millimetres.
    """
    kinds: dict[str, str] = {}
    for side in ("left", "right"):
        roles = {one["role"] for one in plan["contacts"] if one["part"] == f"{side}_hand"}
        shape = plan["hands"].get(side, "relaxed")
        thick = 2 * radii.get(f"{side}_hand", 0.0) or values[f"{side}_thickness_mm"]
        rod = shape in GRASPS and ROD[0] <= thick <= ROD[1]
        kinds[f"{side}_shape"] = shape
        kinds[f"{side}_kind"] = ("rod" if rod else "other") if "grasp" in roles else ""
    return kinds


def grip_radii(folder: Path) -> dict[str, float]:
    """Millimetres by hand, of the rods that the solver found; none where it left no folder."""
    path = folder / "affordance.json"
    if not path.exists():
        return {}
    grips = json.loads(path.read_text(encoding="utf-8"))["value"]["grips"]
    return {one["part"]: 1e3 * one["radius"] for one in grips}


def standing_error(job: Job, values: dict[str, float]) -> float:
    """How far, millimetres, a sole is off the floor; 0 for a foot that has another place."""
    return _of_standing(job, lambda side: abs(values[f"{side}_sole_mm"]))


def sole_tilt(job: Job, values: dict[str, float]) -> float:
    """How much higher, millimetres, one end of a standing sole is than the other."""
    return _of_standing(
        job, lambda side: abs(values[f"{side}_heel_mm"] - values[f"{side}_ball_mm"])
    )


def _of_standing(job: Job, measure: Callable[[str], float]) -> float:
    """The worse of the feet that stand on the floor, the better where the other has a place."""
    if job.posture != "stand" or "feet" in job.contacts:
        return 0.0
    free = [side for side in ("left", "right") if f"{side}_foot" not in job.contacts]
    off = [measure(side) for side in free]
    either = "left_foot|right_foot" in job.contacts
    return round(min(off) if either else max(off, default=0.0), 3)
