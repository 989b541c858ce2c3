"""Two ways to write the inner loop without this solver's tricks, with the very same terms.

Plain: one hypothesis, all vertices, this solver's skinning by automatic differentiation, nearest
neighbours by `addmm` and `argmin` at every step, distances by `grid_sample`, torch's own Adam.
Naive: what one writes first: smplx's skinning, `torch.cdist`, trimesh for the distances.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import trimesh
from torch import Tensor

from solver.body import Posed, ShapedBody, pose_body
from solver.body.capsules import close_pairs, place_capsules
from solver.body.joints import PARENTS
from solver.geometry.grid import Grid
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.layout import layout_of
from solver.optimisation.losses.contact import disc_distance
from solver.optimisation.matching import Matches, carried
from solver.optimisation.phases import Scene, objective_of
from solver.optimisation.taking import choose
from solver.optimisation.variables import Start, State, Variables, angles, variables_at
from solver.settings import Weights
from solver.task import Task

Poser = Callable[[ShapedBody, Tensor, Tensor, Tensor], Posed]
"""Body, axis-angles with their root, its further turn, translation -> the posed body."""
Nearest = Callable[[Tensor, Tensor], Tensor]
"""Points, targets -> the index of the nearest target of each point."""


@dataclass(frozen=True)
class PlainGrid:
    """The same grid, read by torch."""

    grid: Grid

    def __call__(self, points: Tensor) -> Tensor:
        """Signed distance, metres."""
        low, high = self.grid.low, self.grid.high
        unit = (points - low) / (high - low) * 2 - 1
        value = torch.nn.functional.grid_sample(
            self.grid.volume, unit.reshape(1, 1, 1, -1, 3), align_corners=True,
            padding_mode="border",
        )  # fmt: skip
        beyond = ((unit - unit.clamp(-1, 1)) * (high - low) / 2).square().sum(dim=-1)
        return value.view(points.shape[:-1]) + (beyond + 1e-12).sqrt() - 1e-6


class TrimeshDistance:
    """Exact distances by trimesh; the side by the nearest face's normal, which is cheap for it."""

    def __init__(self, verts: Tensor, faces: Tensor) -> None:
        self._mesh = trimesh.Trimesh(verts.numpy(), faces.numpy(), process=False)

    def __call__(self, points: Tensor) -> Tensor:
        """Signed distance, metres."""
        flat = points.detach().reshape(-1, 3).double().numpy()
        nearest, _, face = trimesh.proximity.closest_point(self._mesh, flat)
        away = flat - nearest
        side = np.where((away * self._mesh.face_normals[face]).sum(axis=-1) < 0, -1.0, 1.0)
        towards = torch.from_numpy(nearest).float().view(points.shape)
        sign = torch.from_numpy(side).float().view(points.shape[:-1])
        return ((points - towards).square().sum(dim=-1) + 1e-12).sqrt() * sign


def by_levels(body: ShapedBody, pose: Tensor, turn: Tensor, trans: Tensor) -> Posed:
    """This solver's skinning, one level of the tree after the other."""
    local = matrix_from_rotvec(pose)
    root = matrix_from_rotvec(turn)[:, None] @ local[:, :1]
    return pose_body(body, torch.cat([root, local[:, 1:]], dim=1), trans)


def smplx_skinning(body: ShapedBody) -> tuple[str, Poser]:
    """Smplx's own function where it is installed, else joint after joint as in the paper."""
    if importlib.util.find_spec("smplx") is None:
        return "joint after joint", by_joints
    from smplx.lbs import lbs  # pyright: ignore[reportMissingImports]

    verts = len(body.verts)
    arrays = (
        body.verts, torch.zeros(verts, 3, 10), torch.zeros(459, 3 * verts),
        body.model.joint_regressor, torch.tensor(PARENTS), body.model.weights,
    )  # fmt: skip

    def pose_by_smplx(body: ShapedBody, pose: Tensor, turn: Tensor, trans: Tensor) -> Posed:
        root = matrix_from_rotvec(turn)[:, None] @ matrix_from_rotvec(pose[:, :1])
        matrices = torch.cat([root, matrix_from_rotvec(pose[:, 1:])], dim=1)
        skin, _ = lbs(torch.zeros(len(pose), 10), matrices, *arrays, pose2rot=False)
        # What smplx does not hand out: the frames of the joints, which the other terms ask for.
        return replace(by_joints(body, pose, turn, trans), verts=skin + trans[:, None])

    return "smplx", pose_by_smplx


def by_joints(body: ShapedBody, pose: Tensor, turn: Tensor, trans: Tensor) -> Posed:
    """Loper et al. 2015, Eq. 2-4, to the letter: a 4x4 matrix per joint, blended per vertex."""
    local = matrix_from_rotvec(pose)
    frames: list[Tensor] = []
    for joint, parent in enumerate(PARENTS):
        turned = matrix_from_rotvec(turn) @ local[:, 0] if parent < 0 else local[:, joint]
        bone = body.joints[joint] - (body.joints[parent] if parent >= 0 else 0.0)
        own = torch.cat([turned, bone.expand(len(pose), 3)[..., None]], dim=-1)
        own = torch.cat([own, torch.tensor([0.0, 0, 0, 1]).expand(len(pose), 1, 4)], dim=1)
        frames.append(own if parent < 0 else frames[parent] @ own)
    world = torch.stack(frames, dim=1)
    shift = world[..., :3, 3] - (world[..., :3, :3] @ body.joints[..., None])[..., 0]
    bones = torch.cat([world[..., :3, :3], (shift + trans[:, None])[..., None]], dim=-1)
    blended = torch.einsum("vj,bjrc->bvrc", body.model.weights, bones)
    verts = (blended[..., :3] @ body.verts[..., None])[..., 0] + blended[..., 3]
    joints = world[..., :3, 3] + trans[:, None]
    return Posed(verts, joints, world[..., :3, :3], bones.transpose(1, 2))


def by_addmm(points: Tensor, targets: Tensor) -> Tensor:
    """Nearest by the squares' binomial, without the points' own squares."""
    return torch.addmm(targets.square().sum(dim=-1), points, targets.T, alpha=-2).argmin(dim=1)


def by_cdist(points: Tensor, targets: Tensor) -> Tensor:
    """Nearest by all distances."""
    return torch.cdist(points, targets).argmin(dim=1)


@dataclass(frozen=True)
class Way:
    """How a loop poses, measures and matches."""

    pose: Poser
    distance: Any
    nearest: Nearest


class Loop:
    """One hypothesis, all vertices: `step` is one step of Adam."""

    def __init__(self, scene: Scene, start: Start, way: Way, weights: Weights) -> None:
        item = replace(scene.task.item, grid=way.distance)
        self._scene = replace(scene, task=replace(scene.task, item=item))
        self._start, self._way, self._weights = start, way, weights
        self._layout = layout_of(scene.task, scene.taking, None, scene.settings.closure)
        self._variables = variables_at(start, fingers=False)
        self._objective = objective_of(self._scene, self._layout, start)
        v = self._variables
        fast, slow = [v.root, v.joints], [v.shift]
        self._adam = torch.optim.Adam(
            [{"params": fast, "lr": 0.03}, {"params": slow, "lr": 0.015}], betas=(0.9, 0.99)
        )

    def step(self) -> float:
        """Move, and give the objective before."""
        self._adam.zero_grad()
        state = self._state(self._variables)
        terms = self._objective(state, self._match(self._scene.task, state), self._weights)
        total = torch.stack(list(terms.values())).sum()
        total.backward()
        self._adam.step()
        return float(total.detach())

    def _state(self, variables: Variables) -> State:
        start, task = self._start, self._scene.task
        pose, trans = angles(start, variables), start.trans + variables.shift
        posed = self._way.pose(task.body, pose, variables.root, trans)
        T = start.T_world_object
        local = (posed.verts - T[:, None, :3, 3]) @ T[:, :3, :3]
        return State(pose, trans, posed, T, local)

    def _match(self, task: Task, state: State) -> Matches:
        points = state.local.detach()[:, self._layout.touching]
        targets, normals = torch.zeros_like(points), torch.zeros_like(points)
        share = points.new_zeros(points.shape[:2])
        for touch, (first, last) in zip(task.touches, self._layout.spans, strict=True):
            own = points[0, first:last]
            index = self._way.nearest(own, touch.points)
            point, normal = touch.points[index], touch.normals[index]
            targets[0, first:last], normals[0, first:last] = point - touch.sink * normal, normal
            distance = disc_distance(own, point, normal)
            count = max(3, round(touch.fraction * (last - first)))
            chosen = distance.topk(min(count, last - first), largest=False).indices
            share[0, first:last][chosen] = 1.0 / len(chosen)
        close = close_pairs(task.capsules, place_capsules(task.capsules, state.posed).detach())
        goals = tuple(choose(goal, state) for goal in self._scene.taking.goals)
        found = Matches(targets, normals, share, goals, close)
        return carried(task, self._layout, self._objective.loads, state, found, None)
