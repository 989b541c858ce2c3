"""The objective: every term, weighted, for a batch of states."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from ..body import outward
from ..body.capsules import self_penetration
from ..body.joints import INDEX
from ..body.limits import beyond, joint_angles
from ..settings import Weights
from ..task import Task
from ..task.scene import foot_floor, lowest_under
from ..task.spheres import sphere_centres
from .attitudes import attitude
from .descent import Terms
from .exact import Exact, exact_inclusion, exact_sdf
from .folds import folds_cost
from .layout import Layout
from .loads import Loads, contacts_of
from .losses.balance import balance, overhang
from .losses.collision import engulfed, overlap
from .losses.ground import below, planted
from .losses.literal import literal_closure
from .losses.own import own_contact
from .losses.penetration import deepest, penetration
from .losses.prior import limits, nearness, strain, turned
from .losses.support import unbalanced
from .losses.touching import touching
from .matching import Matches, carried, match
from .obstacles import obstacles
from .taking import Taking, goal_cost
from .variables import Start, State

TURNED = torch.tensor([INDEX["pelvis"], INDEX["head"]])
WRISTS = [INDEX["left_wrist"], INDEX["right_wrist"]]
MARGIN = 0.02
"""Joint limits begin to cost this much, radians, before they are reached."""
FAR, CLOSE = 0.06, 0.02
"""Beyond which distance, metres, a contact pulls no harder; in the end it must not drag the body
into the object toward what cannot be reached."""
WEIGHTS = {"grasp": "contact", "strain": "prior"}
"""Terms that weigh what another does."""


@dataclass(frozen=True)
class Objective:
    """What does not change during a phase."""

    task: Task
    layout: Layout
    start: Start
    library: Float[Tensor, "batch 2 3 3"]
    """World rotations of the pelvis, as the search placed it, and of the head in the same pose: one
    looks there however the trunk leans."""
    turn_sigmas: Float[Tensor, "2 3"]
    """How far both may turn, radians, about the world's axes."""
    joint_sigma: Float[Tensor, "joints 3"]
    home_sigma: Float[Tensor, "batch 3 3"]
    """Rows: axes divided by how far, metres, the body may leave its place along them."""
    taking: Taking
    loads: Loads

    def match(self, state: State, before: Matches | None = None) -> Matches:
        """What each contact goes to and how each load is carried: constant for a few steps."""
        found = match(self.task, self.layout, self.taking, state)
        return carried(self.task, self.layout, self.loads, state, found, before)

    def __call__(
        self,
        state: State,
        matches: Matches,
        weights: Weights,
        exact: Exact | None = None,
    ) -> Terms:
        """Weighted terms per row, by name."""
        angles = joint_angles(state.pose)
        terms = {
            "penetration": self._penetration(state, exact),
            "inclusion": self._inclusion(state, exact),
            "contact": self._contact(state, matches, FAR if exact is None else CLOSE),
            "grasp": goal_cost(self.taking.goals, state, matches.grasps),
            "own": self._own(state),
            "ground": self._ground(state, weights.solid),
            "balance": self._balance(state),
            "limits": limits(beyond(angles, MARGIN)),
            "strain": strain(angles[:, WRISTS, 1:]),
            "prior": self._prior(state),
            "collision": self._collision(state, matches, exact),
            "attitude": attitude(
                self.task, state.posed, state.T_world_object, free=self.taking.carrier is None
            ),
            "support": self._carried("support", state, matches),
            "closure": self._closure(state, matches),
        }
        if self.task.item.surroundings is not None:
            nearby = None if exact is None else exact.nearby
            terms["surroundings"] = obstacles(self.task, self.layout, state, nearby)
        each = [getattr(weights, WEIGHTS.get(name, name)) for name in terms]
        weighed = torch.stack(list(terms.values())) * state.local.new_tensor(each)[:, None]
        return dict(zip(terms, weighed, strict=True))

    def _penetration(self, state: State, exact: Exact | None) -> Float[Tensor, " batch"]:
        if exact is None:
            sdf = self.task.item.grid(state.local)
            return penetration(sdf, self.layout.area, self.layout.give)
        sdf = exact_sdf(exact, state)
        spread = penetration(sdf, self.layout.area, self.layout.give)
        return spread + deepest(sdf, self.layout.give)

    def _inclusion(self, state: State, exact: Exact | None) -> Float[Tensor, " batch"]:
        if exact is not None:
            return exact_inclusion(exact, state, self.layout.give)
        centres = self._centres(state)[:, : self.layout.spheres.solid]
        rotation, origin = state.T_world_object[:, :3, :3], state.T_world_object[:, None, :3, 3]
        sdf = self.task.item.grid((centres - origin) @ rotation)
        radii = self.layout.spheres.radii[: self.layout.spheres.solid]
        return 0.3 * engulfed(sdf, radii, self.layout.sphere_slack)

    def _contact(self, state: State, matches: Matches, knee: float) -> Float[Tensor, " batch"]:
        rows = self.layout.touching
        if len(rows) == 0:
            return state.local.new_zeros(len(state.local))
        skin, (shared, evenly) = state.local.index_select(1, rows), self._weights
        weights = torch.addcmul(evenly, matches.share[..., None], shared)
        anchor = skin[:, slice(*self.layout.spans[0])].mean(dim=1)
        off = ((anchor - self.layout.middle) * self.layout.middle_pull).square().sum(dim=-1)
        return off + touching(
            skin, self._outward(state), matches.targets, matches.normals, weights, knee
        )

    @cached_property
    def _weights(self) -> tuple[Float[Tensor, "rows 3"], Float[Tensor, "rows 3"]]:
        """What each row costs, as `touching` wants it: by its share in its part, and always."""
        layout = self.layout
        width = torch.tensor([last - first for first, last in layout.spans])
        none = torch.zeros_like(layout.weight)
        shared = layout.weight, layout.weight * layout.normal_weight, none
        evenly = none, none, layout.weight / width
        first, second = (
            torch.stack(each, dim=-1).repeat_interleave(width, dim=0) for each in (shared, evenly)
        )
        return first, second

    def _outward(self, state: State) -> Float[Tensor, "batch rows 3"]:
        """Which way the vertices that touch look, object frame; not of unit length."""
        world = outward(self.task.body, state.posed, self.layout.touching_verts)
        return world @ state.T_world_object[:, :3, :3]

    def _own(self, state: State) -> Float[Tensor, " batch"]:
        total = state.local.new_zeros(len(state.local))
        verts = state.posed.verts
        rows = zip(self.layout.own, self.layout.own_weight, self.layout.own_fraction, strict=True)
        for (points, onto), weight, fraction in rows:
            cost = own_contact(verts[:, points], verts[:, onto], fraction=fraction)
            total = total + weight * cost
        return total

    def _ground(self, state: State, solid: float) -> Float[Tensor, " batch"]:
        verts, item = state.posed.verts, self.task.item
        height = verts[..., 1] - lowest_under(item, verts)
        total = below(height, self.layout.area) + solid * deepest(height, torch.zeros(1), count=3)
        if len(self.layout.feet):
            soles = height[:, self.layout.feet]
            if item.surroundings is not None:
                feet = verts[:, self.layout.feet]
                soles = feet[..., 1] - foot_floor(item, feet)
            total = total + planted(soles, self.layout.flat, self.layout.rest).sum(dim=-1)
        return total

    def _balance(self, state: State) -> Float[Tensor, " batch"]:
        if len(self.layout.bearing) == 0:
            return state.local.new_zeros(len(state.local))
        verts = state.posed.verts
        bearing = verts.index_select(1, self.layout.bearing)
        return balance(overhang((self.layout.mass @ verts)[:, ::2], bearing[..., ::2]))

    def _carried(self, load: str, state: State, matches: Matches) -> Float[Tensor, " batch"]:
        if load not in self.loads:
            return state.local.new_zeros(len(state.local))
        carried, pushes = self.loads[load], matches.pushes[load]
        targets = (matches.targets, matches.normals)
        contacts, centre = contacts_of(
            carried, self.task, self.layout, state, targets, pushes.across
        )
        return unbalanced(contacts, centre, carried.radius, pushes.share)

    def _closure(self, state: State, matches: Matches) -> Float[Tensor, " batch"]:
        rows = self.layout.sparse
        if len(rows) == 0:
            return self._carried("closure", state, matches)
        skin = torch.nn.functional.normalize(self._outward(state)[:, rows], dim=-1)
        return literal_closure(skin, matches.normals[:, rows], torch.ones(len(rows)))

    def _prior(self, state: State) -> Float[Tensor, " batch"]:
        seen = state.posed.rotations.index_select(1, TURNED.to(state.pose.device))
        turn = turned(seen, self.library, self.turn_sigmas).sum(dim=-1)
        moved = (state.trans - self.start.home)[..., None]
        home = (self.home_sigma @ moved)[..., 0].square().sum(dim=-1)
        change = (state.pose - self.start.library)[:, 1:]
        return nearness(change, self.joint_sigma[1:]) + turn + home

    def _collision(
        self, state: State, matches: Matches, exact: Exact | None
    ) -> Float[Tensor, " batch"]:
        folds = 0.0 if exact is None or exact.folds is None else folds_cost(exact.folds, state)
        depth = self_penetration(self.task.capsules, state.posed, matches.close)
        return overlap(depth) + folds

    def _centres(self, state: State) -> Float[Tensor, "batch spheres 3"]:
        return sphere_centres(self.layout.spheres, state.posed)
