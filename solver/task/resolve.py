"""The plan's contacts as vertices of the body and weighted points of the object."""

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Affordance, Contact, Grip, Item, Plan, Target
from ..body import ShapedBody
from ..body.capsules import Capsules, fit_capsules
from ..geometry.neighbours import Backend, Neighbours, neighbours
from ..statics import heart
from ..vocabulary import OFF_OBJECT, HeldAttitude
from .ledges import edge_of, levelled, on_ledge
from .patches import (
    TIPS,
    as_meant,
    at_table,
    braced,
    carries,
    contact_patch,
    foot_patch,
    fraction_of,
    named_verts,
    of_each_limb,
    own_fraction,
    own_patch,
    posture_of,
    standing_on,
)  # fmt: skip
from .spheres import Spheres, inner_spheres
from .tools import shaft_direction, working_direction

SPARSE = 0.25
"""Region points less likely than this share of the likeliest are left out."""
PULL = 0.03
"""How far, metres, a point with 1/e of the best probability may be undercut by a likelier one."""

FEET = {"feet": ("left", "right"), "left_foot": ("left",), "right_foot": ("right",)}
SOFT = ("buttocks", "thighs", "inner_thighs", "back", "upper_back", "lower_back", "calves", "belly")
"""Parts whose flesh gives."""
GIVE, FIRM_GIVE = 0.001, 0.002
"""How deep, metres, skin may sink in before it counts: anywhere, and in contacts."""
SINK = 0.005
"""How deep, metres, flesh that carries lies in what it rests on; it may sink twice that."""
LYING_SINK = 0.010
"""The same of who lies: all of the body's muscles are slack, and beds are soft."""


@dataclass(frozen=True)
class Touch:
    """A contact with the object."""

    contact: Contact
    verts: Int[Tensor, " sample"]
    """Evenly spread vertices of the body part."""
    whole: Int[Tensor, " part"]
    """All of them."""
    points: Float[Tensor, "region 3"]
    """The region on the object, object frame."""
    normals: Float[Tensor, "region 3"]
    weight: Float[Tensor, " region"]
    """In (0, 1]: probability relative to the likeliest point."""
    centre: Float[Tensor, "3"]
    """Weighted by the probability."""
    likely: Neighbours
    """Over the points and, as a fourth coordinate, their unlikeliness."""
    region: Neighbours
    """Over the points alone."""
    fraction: float
    confidence: float
    depth: float
    """How deep, metres, flesh may lie in the object."""
    tips: bool = False
    """Only fingertips go there."""

    @property
    def sink(self) -> float:
        """How deep, metres, its flesh lies in what carries it: it flattens, and so does a seat."""
        return self.depth if carries(self.contact) and self.contact.part in SOFT else 0.0

    @property
    def name(self) -> str:
        """The row of the plan in two words."""
        return f"{self.contact.part}>{self.contact.region}"


@dataclass(frozen=True)
class Footing:
    """A part of the body that rests on the floor."""

    contact: Contact
    name: str
    verts: Int[Tensor, " sample"]
    whole: Int[Tensor, " part"]
    flat: bool
    """All of it lies on the floor (a standing sole, a palm), not only its lowest point."""


@dataclass(frozen=True)
class OwnTouch:
    """A contact with the person's own body."""

    contact: Contact
    verts: Int[Tensor, " sample"]
    onto: Int[Tensor, " other"]
    fraction: float
    """Share of the limb's patch that has to touch."""


@dataclass(frozen=True)
class Task:
    """Everything that the search, the descent and the report need to know about one job."""

    item: Item
    plan: Plan
    body: ShapedBody
    touches: tuple[Touch, ...]
    footings: tuple[Footing, ...]
    owns: tuple[OwnTouch, ...]
    grips: tuple[Grip, ...]
    give: Float[Tensor, " verts"]
    """How deep, metres, a vertex may sink into the object before it counts."""
    hands: dict[str, Int[Tensor, " hand"]]
    """Vertices of the left and of the right hand."""

    @cached_property
    def capsules(self) -> Capsules:
        """The body against itself."""
        return fit_capsules(self.body)

    @cached_property
    def spheres(self) -> Spheres:
        """The body against the object: balls inside it."""
        return inner_spheres(self.body)

    @cached_property
    def heart(self) -> tuple[Float[Tensor, "3"], Float[Tensor, ""]]:
        """The object's centre of mass, object frame, and how far its surface is from it."""
        centre, radius = heart(self.item.mesh)
        return centre.float(), radius.float()

    @cached_property
    def aim(self) -> Float[Tensor, "3"]:
        """What points where a held object is aimed: its shaft, else its head, else its front."""
        hands = [t.centre for t in self.touches if t.contact.part.endswith("_hand")]
        ways = [shaft_direction(self.item, torch.stack(hands).mean(dim=0))] if hands else []
        ways = [way for way in (*ways, self.head) if way is not None]
        return ways[0] if ways else torch.tensor([0.0, 0.0, 1.0])

    @cached_property
    def head(self) -> Float[Tensor, "3"] | None:
        """Which way the head of a held tool points; None where it has no head with a way."""
        ways = [working_direction(self.item, grip) for grip in self.main_grips]
        return next((way for way in ways if way is not None), None)

    @cached_property
    def trodden(self) -> Float[Tensor, "3"] | None:
        """Along the edge of a tool on which a foot treads, unit; None where none does."""
        return next((edge_of(t.points) for t in self.touches if on_ledge(t.contact)), None)

    @cached_property
    def pointer(self) -> Float[Tensor, "3"]:
        """What the planned attitude aims: the face of a head, away from what plays, a shaft."""
        hands = [t.centre for t in self.touches if t.contact.part == "right_hand"]
        ways = {
            "face_down": [self.head],
            "across": [shaft_direction(self.item, centre) for centre in hands],
        }.get(self.attitude, [])
        return next((way for way in ways if way is not None), self.aim)

    @property
    def main_grips(self) -> list[Grip]:
        """One per hand that grasps: the one with most weight first, of equals the right hand's."""
        hands = [t.contact for t in self.touches if t.contact.role == "grasp"]
        hands.sort(key=lambda c: (-c.weight, c.part != "right_hand"))
        firsts = [next((g for g in self.grips if g.part == c.part), None) for c in hands]
        return [grip for grip in firsts if grip is not None]

    @property
    def grounded(self) -> bool:
        """A movable object that stands on the floor all the same: leaned on, stepped on, lifted."""
        feet = any(t.contact.part.endswith(("foot", "feet")) for t in self.touches)
        on_floor = self.plan.hold_height == "floor" or self.plan.posture == "lean" or feet
        return self.plan.movable and on_floor

    @property
    def attitude(self) -> HeldAttitude:
        """The planned one; what one leans on stands with its working end down."""
        leaning = self.plan.posture == "lean" and self.plan.movable
        return "aimed_down" if leaning and self.plan.attitude == "free" else self.plan.attitude

    @property
    def seatless(self) -> bool:
        """Sitting on the floor."""
        return any(f.contact.part == "buttocks" for f in self.footings)

    @property
    def anchor(self) -> Touch | None:
        """The contact that carries the body: it decides where the person is."""
        return next((t for t in self.touches if carries(t.contact)), None)


def resolve(
    item: Item, plan: Plan, affordance: Affordance, body: ShapedBody, backend: Backend = "kdtree"
) -> Task:
    """Make the plan concrete for one object and one body; `backend` finds nearest points."""
    touches: list[Touch] = []
    for target in affordance.targets:
        if float(target.probability.max()) > 0.0:  # Else the affordance has said so.
            each = [replace(target, contact=c) for c in of_each_limb(target.contact)]
            touches += [_touch(item, one, body, plan, backend) for one in each]
    touches = levelled(item, touches)
    touches.sort(key=lambda t: not carries(t.contact))
    off = [c for c in plan.contacts if c.region in OFF_OBJECT]
    floored = any(c.part == "buttocks" and c.region == "floor" for c in off)
    seated = any(
        carries(t.contact) or at_table(t.contact, float(t.centre[1] - item.floor) / body.height)
        for t in touches
    )
    seatless = plan.posture == "sit" and (floored or not seated)
    if seatless and not floored:
        off.append(Contact("buttocks", "floor", "support"))
    return Task(
        item=item,
        plan=plan,
        body=body,
        touches=tuple(touches),
        footings=tuple(
            f for c in off if c.region == "floor" for f in _footings(c, plan, body, not seatless)
        ),
        owns=tuple(_own(c, plan, body) for c in off if c.region != "floor"),
        grips=affordance.grips,
        give=_give(plan, body),
        hands={side: named_verts(body, f"{side}_hand") for side in ("left", "right")},
    )


def _touch(item: Item, target: Target, body: ShapedBody, plan: Plan, backend: Backend) -> Touch:
    likely = target.probability / target.probability.max()
    chosen = torch.nonzero(likely > SPARSE)[:, 0]
    weight, points = likely[chosen], item.points[chosen]
    unlikely = PULL * (-weight.clamp(max=1.0).log()).sqrt()
    contact, posture = target.contact, posture_of(target.contact, plan)
    meant = as_meant(contact, plan.hands)
    return Touch(
        contact=contact,
        verts=contact_patch(body, meant, plan),
        whole=contact_patch(body, meant, plan, whole=True),
        points=points,
        normals=item.normals[chosen],
        weight=weight,
        centre=(points * weight[:, None]).sum(dim=0) / weight.sum(),
        likely=neighbours(torch.cat([points, unlikely[:, None]], dim=1), backend),
        region=neighbours(points, backend),
        fraction=fraction_of(meant, posture),
        confidence=target.confidence,
        depth=LYING_SINK if posture == "lie" else SINK,
        tips=meant.region in TIPS,
    )


def _footings(contact: Contact, plan: Plan, body: ShapedBody, level: bool) -> list[Footing]:
    """Feet become two footings, one per sole."""
    if contact.part in FEET:
        label, flat = standing_on(plan, level=level)
        return [
            Footing(
                contact, f"{side}_foot", foot_patch(body, side, label),
                named_verts(body, f"{side}_foot"), flat,
            )
            for side in FEET[contact.part]
        ]  # fmt: skip
    verts, whole = contact_patch(body, contact), contact_patch(body, contact, whole=True)
    return [Footing(contact, contact.part, verts, whole, braced(contact, plan))]


def _own(contact: Contact, plan: Plan, body: ShapedBody) -> OwnTouch:
    onto = own_patch(body, contact.region, contact.part, plan)
    return OwnTouch(contact, contact_patch(body, contact), onto, own_fraction(contact))


def _give(plan: Plan, body: ShapedBody) -> Float[Tensor, " verts"]:
    give, sink = torch.full((len(body.verts),), GIVE), LYING_SINK if plan.posture == "lie" else SINK
    for contact in plan.contacts:
        depth = 2 * sink if contact.part in SOFT else FIRM_GIVE
        verts = contact_patch(body, as_meant(contact, plan.hands), plan, whole=True)
        give[verts] = give[verts].clamp(min=depth)
    return give


def nearest_targets(touch: Touch, points: Float[Tensor, "*batch 3"]) -> Int[Tensor, "*batch"]:
    """The region point each body point should go to: near, and likely.

    The maximum of log p - d²/PULL² over the region, found as the nearest neighbour in a space with
    one more axis.
    """
    return touch.likely.nearest(torch.nn.functional.pad(points.detach(), (0, 1)))[0]
