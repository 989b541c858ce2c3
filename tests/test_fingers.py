"""Fingers that close on a rod which lies before an open hand; nothing else moves."""

from dataclasses import replace

import pytest
import torch
import trimesh
from solid import item_of
from torch import Tensor

from solver.artefacts import Affordance, Grip, Hypotheses, Item
from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.errors import SolverError
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform
from solver.optimisation import close_fingers_of
from solver.optimisation.grasp import make_hand
from solver.optimisation.grasp.hand import finger_joints
from solver.optimisation.grasp.polish import polish
from solver.optimisation.grasp.search import Freedom, find_grasps
from solver.pipeline import Understood, bettered
from solver.plan import make_plan
from solver.settings import Settings
from solver.task import resolve
from solver.task.grown import grown_item
from solver.task.patches import named_verts

BODY = shape_body(load_body())
RADIUS = 0.017


def rod_in(side: str, away: float) -> Item:
    """A rod across the palm of the T-pose, `away` metres before it."""
    hand = make_hand(BODY, side)
    wrist = BODY.joints[INDEX[f"{side}_wrist"]]
    along, across, out = hand.frame.unbind(dim=1)
    middle = wrist + hand.knuckles + out * (hand.thickness + RADIUS + away) - 0.01 * along
    turn = torch.stack([torch.linalg.cross(across, out), across, out], dim=1)
    # trimesh's cylinder lies along z.
    turn = turn @ torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    rod = trimesh.creation.cylinder(RADIUS, 0.3, sections=48)
    T = rigid(turn[None], middle[None])[0]
    verts = transform(T, torch.tensor(rod.vertices, dtype=torch.float32))
    return item_of(Mesh(verts, torch.tensor(rod.faces)))


def given(item: Item) -> Hypotheses:
    """The T-pose."""
    return Hypotheses(
        torch.zeros(1, 52, 3), torch.zeros(1, 3), BODY.betas, torch.eye(4)[None], ("given",),
        torch.zeros(1),
    )  # fmt: skip


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_open_hand_closes_on_the_rod_before_it(side: str) -> None:
    item = rod_in(side, 0.002)
    plan = make_plan("holding a rod", "rod", None)
    start = given(item)
    pose = close_fingers_of(item, plan, Affordance(()), BODY, start, Settings())[0].pose
    joints = finger_joints(side)
    others = [j for j in range(52) if j not in joints]
    assert torch.equal(pose[others], start.pose[0][others])
    verts = pose_body(BODY, matrix_from_rotvec(pose[None]), torch.zeros(1, 3)).verts[0]
    owner = BODY.model.weights.argmax(dim=1)
    distance = item.surface.query(verts)[0]
    touching = [
        float(distance[owner == INDEX[f"{side}_{finger}{k}"]].min()) < 0.003
        for finger in ("index", "middle", "ring", "pinky", "thumb")
        for k in (2, 3)
    ]
    assert sum(a or b for a, b in zip(touching[::2], touching[1::2], strict=True)) >= 4
    assert float(distance.min()) > -0.003


def test_with_nothing_before_the_hands_one_is_told() -> None:
    item = rod_in("left", 0.6)
    plan = make_plan("holding a rod", "rod", None)
    with pytest.raises(SolverError, match="No hand is within 5 cm"):
        close_fingers_of(item, plan, Affordance(()), BODY, given(item), Settings())


def test_fingers_close_on_an_object_of_the_size_that_it_was_given() -> None:
    """A rod half as large, doubled by the result that one begins from, is the rod itself."""
    item = rod_in("right", 0.002)
    plan, start = make_plan("holding a rod", "rod", None), given(item)
    wanted = close_fingers_of(item, plan, Affordance(()), BODY, start, Settings())[0]
    half = grown_item(item, 0.5)
    doubled = torch.diag(torch.tensor([2.0, 2.0, 2.0, 1.0]))
    job = Understood(half, half.mesh.verts, plan, BODY, Affordance(()), None, ())
    start = replace(start, T_world_object=doubled[None])
    (found,) = bettered(job, start, Settings(), "fingers", lambda _: None)
    torch.testing.assert_close(found.pose, wanted.pose)
    assert torch.equal(found.T_world_object, doubled)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("away", [0.0, 0.006, 0.012])
def test_a_grasp_that_is_a_little_off_is_brought_into_the_palm(side: str, away: float) -> None:
    """All fingers and the palm end on a rod whose distance is known in closed form."""
    item = rod_in(side, 0.002)
    hand, axis = make_hand(BODY, side), make_hand(BODY, side).frame[:, 1]
    centre = item.mesh.verts.mean(dim=0)
    grip = Grip(centre, axis, -hand.frame[:, 2], RADIUS, 0.1, f"{side}_hand")

    def distance(points: Tensor) -> Tensor:
        return torch.linalg.cross(points - centre, axis.expand_as(points)).norm(dim=-1) - RADIUS

    chance = torch.Generator().manual_seed(0)
    found = find_grasps(hand, distance, item.points[:400], grip, Freedom((-1.0, 1.0)), chance)[0]
    T = found.T_wrist_object.clone()
    T[:3, 3] += away * hand.frame[:, 2]
    task = resolve(item, make_plan("holding a rod", "rod", None), Affordance(()), BODY)
    grasp = polish(task, [replace(found, T_wrist_object=T)])[0]
    assert grasp.touching == 6
    assert grasp.depth < 0.003
    pose = torch.zeros(1, 52, 3)
    pose[0, finger_joints(side)] = grasp.pose
    wrist = BODY.joints[INDEX[f"{side}_wrist"]]
    verts = pose_body(BODY, matrix_from_rotvec(pose), -wrist[None]).verts[0]
    skin = verts[named_verts(BODY, f"{side}_palm")]
    seen = transform(torch.linalg.inv(grasp.T_wrist_object)[None], skin[None])[0]
    assert abs(float(distance(seen).min())) < 0.004
