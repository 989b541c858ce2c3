"""Arms brought to frames that they are known to reach."""

import torch

from solver.body import load_body, pose_body, shape_body
from solver.geometry.rotations import matrix_from_rotvec, rigid
from solver.optimisation.arms import Shoulder, posed_arms, shoulder_of
from solver.optimisation.reach import reach
from solver.optimisation.variables import Start

BODY = shape_body(load_body())
BENT = torch.tensor([[[0.1, 0.3, -0.9], [0.2, -1.2, 0.0], [0.0, 0.1, 0.2]]])


def shoulder() -> Shoulder:
    pose, trans = torch.zeros(1, 52, 3), torch.zeros(1, 3)
    start = Start(pose, trans, torch.eye(4)[None], ("t",), torch.zeros(1), pose, trans)
    return shoulder_of(BODY, "left", start, pose_body(BODY, matrix_from_rotvec(pose), trans))


def test_a_wrist_comes_to_where_other_angles_would_hold_it() -> None:
    root = shoulder()
    wanted = posed_arms(root, (1.2 * BENT)[:, None]).T_world_wrist[:, 0]
    angles = reach(root, BENT, wanted)
    seen = posed_arms(root, angles[:, None]).T_world_wrist[0, 0]
    assert float((seen[:3, 3] - wanted[0, :3, 3]).norm()) < 0.0015
    assert float((seen[:3, :3] - wanted[0, :3, :3]).norm()) < 0.05


def test_what_cannot_be_reached_leaves_the_arm_inside_its_limits() -> None:
    root = shoulder()
    far = rigid(torch.eye(3)[None], torch.tensor([[3.0, 0.0, 0.0]]))
    angles = reach(root, BENT, far)
    assert bool(torch.isfinite(angles).all())
    assert float(angles[0, 1, 2].abs()) < 0.1
