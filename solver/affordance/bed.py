"""A surface to lie on, and which of its ends is the head's."""

import numpy as np
from jaxtyping import Float

from ..artefacts import Plan
from ..vocabulary import side_of
from .features import Mask, Points, Vector, thin
from .seating import supported
from .study import UP, Study, smooth_count, spread

LENGTH = 1.55
"""Crown to heel, less what may hang over, metres: shorter things are lain on bent."""
ALIKE = 0.25
"""Share of all that rises at both ends by which two ends may differ and still be alike."""
EVEN = 0.06
"""What lies so far above or below a mattress, metres, is a pillow or a ledge."""


class Bed:
    """A lying surface with its head end."""

    def __init__(self, study: Study, usable: Mask, carried: Float[np.ndarray, " seeds"]) -> None:
        shape = study.shape
        self.usable = usable
        self.level = float(np.median(shape.points[usable, 1]))
        even = usable & (np.abs(shape.points[:, 1] - self.level) < EVEN)
        self.even = even if even.sum() > 0.5 * usable.sum() else usable
        self.carried = carried
        flat = shape.points[usable][:, [0, 2]]
        size = np.ptp(flat, axis=0)
        along = np.array([1.0, 0, 0]) if size[0] > 1.25 * size[1] else np.array([0, 0, 1.0])
        self.length = float(max(size[0], size[1]) if abs(along[0]) else size[1])
        self.footward = self._footward(study, along)
        on_belly = "on_belly" in study.plan.styles
        self.left = np.cross(UP, self.footward) * (-1.0 if on_belly else 1.0)
        begin, end = spread(study, usable, self.footward)
        self.crown = begin + max(0.0, min(0.12, end - begin - LENGTH * study.scale))
        self.lateral = float(np.median(shape.points[usable] @ self.left))

    def _footward(self, study: Study, along: Vector) -> Vector:
        """Away from the end that rises higher: a headboard, pillows, an armrest."""
        shape = study.shape
        above = shape.height > self.level - study.shape.floor + 0.04
        place = shape.points @ along
        middle = float(np.median(place[self.usable]))
        lift = np.clip(shape.points[:, 1] - self.level, 0, 0.6) * above
        far = np.abs(place - middle) > 0.3 * self.length
        head_high = float((lift * np.sign(place - middle) * far).sum())
        if abs(head_high) < ALIKE * float((lift * far).sum()) and abs(along[0]):
            head_high = outward(study.plan) or head_high  # Either end will do.
        bias = -1e-6 if abs(along[2]) else 1e-6
        return -along if head_high + bias > 0 else along


def outward(plan: Plan) -> float:
    """At which end of x the head is, +1 or -1, of who lies on a side and looks to the front."""
    sides = [side_of(c.part) for c in plan.contacts if c.part.endswith("_hip")]
    return {"left": 1.0, "right": -1.0}.get(sides[0], 0.0) if sides else 0.0


def bed_of(study: Study) -> Bed | None:
    """The largest level surface that can be lain on; None where there is none."""
    if "bed" not in study.known:
        study.known["bed"] = _find_bed(study)
    return study.known["bed"]


def _find_bed(study: Study) -> Bed | None:
    shape = study.shape
    usable = (shape.up > 0.55) & (shape.clear_up > 0.4)
    lowest = 0.0 if study.plan.relation == "inside" else 0.08
    usable &= (shape.height > lowest) & (shape.height < 1.25)
    chosen = np.flatnonzero(usable)
    if len(chosen) < 20:
        return None
    seeds = shape.points[chosen][thin(shape.points[chosen], max(0.05, shape.spacing))]
    carried = supported(shape, usable, seeds)
    good = carried > 0.45
    if not good.any():
        return None
    level = _main_level(seeds[good])
    usable &= np.abs(shape.points[:, 1] - level) < 0.12
    return Bed(study, usable, carried) if usable.sum() > 20 else None


def _main_level(points: Points) -> float:
    """The height that most of the carried places share, higher ones preferred."""
    area, level = smooth_count(points[:, 1], np.ones(len(points), bool), 0.06)
    return float(level[(area * np.sqrt(np.maximum(level, 0.05))).argmax()])
