"""What the descent turns and moves, and the state of the world that it means."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Hypotheses
from ..body import Posed, ShapedBody, pose_by_angles
from ..geometry.rotations import matrix_from_rotvec, rigid, rotvec_from_matrix

BODY = 22
"""The joints before the fingers."""
NOTHING = torch.zeros(0, dtype=torch.long)
"""No vertices: for those who ask for joints and the object only."""


@dataclass(frozen=True)
class Start:
    """A batch of starting points; what the descent does not touch stays as here."""

    pose: Float[Tensor, "batch 52 3"]
    trans: Float[Tensor, "batch 3"]
    T_world_object: Float[Tensor, "batch 4 4"]
    names: tuple[str, ...]
    oddness: Float[Tensor, " batch"]
    library: Float[Tensor, "batch 52 3"]
    """The pose as the library gave it, turned to where the search put it: what the prior knows."""
    home: Float[Tensor, "batch 3"]
    """The translation that the search found."""
    T_wrist_object: Float[Tensor, "batch 4 4"] | None = None
    """Where the object rides on the carrying wrist; None when it does not."""
    carrier: int = -1
    """That wrist's joint."""
    stiff: tuple[int, ...] = ()
    """Joints that stay as they are: fingers that are closed."""

    def take(self, rows: Int[Tensor, " rows"]) -> "Start":
        """Some of the rows, in that order."""
        riding = self.T_wrist_object
        return replace(
            self,
            pose=self.pose[rows],
            trans=self.trans[rows],
            T_world_object=self.T_world_object[rows],
            names=tuple(self.names[k] for k in rows.tolist()),
            oddness=self.oddness[rows],
            library=self.library[rows],
            home=self.home[rows],
            T_wrist_object=None if riding is None else riding[rows],
        )


@dataclass(frozen=True)
class Variables:
    """Changes to a start; all zero means the start itself. Leaves of the gradient."""

    root: Float[Tensor, "batch 3"]
    """Rotation vector, world frame, about the pelvis."""
    joints: Float[Tensor, "batch joints 3"]
    """Added to the axis-angle of joints 1 and up."""
    shift: Float[Tensor, "batch 3"]
    """Metres, world frame."""
    object_turn: Float[Tensor, "batch 3"] | None
    """Rotation vector, world frame, about the object's own origin; None where it stays."""
    object_shift: Float[Tensor, "batch 3"] | None
    """Metres, world frame; None where it stays."""


@dataclass(frozen=True)
class State:
    """A batch of posed bodies beside the object."""

    pose: Float[Tensor, "batch 52 3"]
    """Axis-angle; joint 0 as at the start (the root's own turn is in `posed`)."""
    trans: Float[Tensor, "batch 3"]
    posed: Posed
    T_world_object: Float[Tensor, "batch 4 4"]
    local: Float[Tensor, "batch verts 3"]
    """The body's vertices in the object's frame."""


def variables_at(start: Start, *, fingers: bool, object_moves: bool = False) -> Variables:
    """Zero changes, with gradients.

    Args:
        start: What they change.
        fingers: Whether the fingers' joints are among them.
        object_moves: Whether the object is.
    """
    batch, count = len(start.pose), (52 if fingers else BODY) - 1

    def leaf(*shape: int) -> Tensor:
        return torch.zeros(batch, *shape, requires_grad=True)

    moved = (leaf(3), leaf(3)) if object_moves else (None, None)
    return Variables(leaf(3), leaf(count, 3), leaf(3), *moved)


def angles(start: Start, variables: Variables) -> Float[Tensor, "batch 52 3"]:
    """Axis-angles after the changes; the root as at the start, its own turn is in `variables`."""
    count = variables.joints.shape[1] + 1
    change = variables.joints
    if start.stiff:
        free = torch.ones(52, 1)
        free[torch.tensor(start.stiff)] = 0.0
        change = change * free[1:count]
    free = start.pose[:, 1:count] + change
    return torch.cat([start.pose[:, :1], free, start.pose[:, count:]], dim=1)


def state_of(
    body: ShapedBody,
    start: Start,
    variables: Variables,
    subset: Int[Tensor, " subset"] | None = None,
) -> State:
    """Pose the body and place the object.

    Args:
        body: The shape.
        start: Where the changes begin. An object that rides on a wrist goes where that goes.
        variables: The changes.
        subset: Vertices to evaluate.
    """
    pose, trans = angles(start, variables), start.trans + variables.shift
    posed = pose_by_angles(body, pose, variables.root, trans, subset)
    if start.T_wrist_object is not None:
        wrist = start.carrier
        T_world_wrist = rigid(posed.rotations[:, wrist], posed.joints[:, wrist])
        T_world_object = T_world_wrist @ start.T_wrist_object
    elif variables.object_turn is None or variables.object_shift is None:
        T_world_object = start.T_world_object
    else:
        turn = matrix_from_rotvec(variables.object_turn) @ start.T_world_object[:, :3, :3]
        T_world_object = rigid(turn, start.T_world_object[:, :3, 3] + variables.object_shift)
    rotation, origin = T_world_object[:, :3, :3], T_world_object[:, None, :3, 3]
    return State(
        pose=pose,
        trans=trans,
        posed=posed,
        T_world_object=T_world_object,
        local=(posed.verts - origin) @ rotation,
    )


def settled(body: ShapedBody, start: Start, variables: Variables) -> Start:
    """The start of the next phase: where this one ended."""
    with torch.no_grad():
        state = state_of(body, start, variables, NOTHING)
        root = rotvec_from_matrix(state.posed.rotations[:, :1])
        return replace(
            start,
            pose=torch.cat([root, state.pose[:, 1:]], dim=1),
            trans=state.trans,
            T_world_object=state.T_world_object,
        )


def start_of(hypotheses: Hypotheses) -> Start:
    """Where the descent begins."""
    h = hypotheses
    return Start(h.pose, h.trans, h.T_world_object, h.names, h.oddness, h.pose, h.trans)
