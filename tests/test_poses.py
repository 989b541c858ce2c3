"""The pose library: inside the limits, feet level, no limb in another, the right choice."""

import math

import pytest
import torch

from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.body.limits import violation
from solver.body.overlap import self_depth
from solver.body.parts import part_vertices
from solver.body.poses import (
    LibraryPose,
    blend,
    finger_path,
    flipped,
    hand_shape,
    library,
    mirror,
    poses_for,
    stooped,
)
from solver.body.skinning import forward_kinematics
from solver.geometry.mesh import vertex_normals
from solver.geometry.rotations import matrix_from_rotvec
from solver.task.patches import own_patch
from solver.vocabulary import HAND_SHAPES, POSTURES, STYLES

DEGREE = math.pi / 180
BODY = shape_body(load_body())
LOADED = {"leaning_forward", "push", "pull", "drill", "throw", "hug", "dig"}
"""Styles in which the object bears or balances a part of the weight."""


def stack(poses: tuple[LibraryPose, ...] | list[LibraryPose]) -> torch.Tensor:
    return torch.stack([pose.pose for pose in poses])


def test_names_are_unique_and_there_are_enough_poses() -> None:
    names = [pose.name for pose in library(mirrored_too=True)]
    assert len(names) == len(set(names))
    assert len([pose for pose in library() if pose.variant == 0]) >= 45


def test_every_posture_and_style_of_the_vocabulary_has_a_pose() -> None:
    assert {pose.posture for pose in library()} == set(POSTURES) - {"none"}
    assert {style for pose in library() for style in pose.styles} == set(STYLES)


def test_no_joint_is_beyond_its_limits() -> None:
    over = violation(stack(library())).amax(dim=(1, 2)) / DEGREE
    bad = {pose.name: float(o) for pose, o in zip(library(), over, strict=True) if o > 2}
    assert not bad


@pytest.mark.parametrize("shape", HAND_SHAPES)
def test_fingers_stay_inside_their_limits_all_the_way(shape: str) -> None:
    for closure in torch.linspace(0, 1, 5):
        pose = torch.zeros(52, 3)
        pose[22:37] = hand_shape(shape, float(closure), "left")
        pose[37:] = hand_shape(shape, float(closure), "right")
        assert violation(pose).max() / DEGREE < 2


def test_soles_that_bear_weight_are_level() -> None:
    """The foot's own up axis is vertical for each planted foot, root as authored."""
    turned, _ = forward_kinematics(matrix_from_rotvec(stack(library())), BODY.joints)
    for pose, rotation in zip(library(), turned, strict=True):
        for side in ("left", "right"):
            if f"{side}_foot" in pose.plants:
                assert rotation[INDEX[f"{side}_ankle"]][1, 1] > math.cos(5 * DEGREE), pose.name


def test_a_standing_person_does_not_fall() -> None:
    """The centre of the body's volume is over the feet, or within 9 cm of them."""
    quiet = [
        pose
        for pose in library()
        if pose.posture in ("stand", "squat")
        and {"left_foot", "right_foot"} <= set(pose.plants)
        and not set(pose.styles)
        & {"leaning_forward", "push", "pull", "drill", "throw", "hug", "dig"}
    ]
    posed = pose_body(BODY, matrix_from_rotvec(stack(quiet)), torch.zeros(len(quiet), 3))
    for pose, verts, joints in zip(quiet, posed.verts, posed.joints, strict=True):
        centre = volume_centre(verts)[[0, 2]]
        feet = [
            0.5 * (joints[INDEX[f"{side}_ankle"]] + joints[INDEX[f"{side}_foot"]])[[0, 2]]
            for side in ("left", "right")
        ]
        along = feet[1] - feet[0]
        at = ((centre - feet[0]) @ along / along.square().sum()).clamp(0, 1)
        assert (centre - feet[0] - at * along).norm() < 0.09, pose.name


def volume_centre(verts: torch.Tensor) -> torch.Tensor:
    a, b, c = verts[BODY.faces].unbind(1)
    volume = (torch.linalg.cross(a, b) * c).sum(dim=-1)
    return ((a + b + c) / 4 * volume[:, None]).sum(dim=0) / volume.sum()


@pytest.mark.slow
def test_the_old_stoop_and_look_on_ahead_with_level_feet() -> None:
    """Head before the shoulders and lower by centimetres; soles and gaze as they were."""
    for posture in ("stand", "walk"):
        wanted = [p for p in library() if p.posture == posture]
        young = stack(wanted)
        assert stooped(young, posture, ("neutral",), 59.0) is young
        assert stooped(young, posture, ("reach_up",), 90.0) is young
        old = stooped(young, posture, ("neutral",), 90.0)
        assert violation(old).max() < violation(young).max() + 3 * DEGREE
        world, joints = forward_kinematics(matrix_from_rotvec(old), BODY.joints)
        before, was = forward_kinematics(matrix_from_rotvec(young), BODY.joints)
        for foot in ("left_ankle", "right_ankle"):
            torch.testing.assert_close(world[:, INDEX[foot]], before[:, INDEX[foot]])
        moved = (joints - was)[:, INDEX["head"]] @ torch.tensor([0.0, 0.0, 1.0])
        assert float(moved.min()) > 0.0 and float(moved.median()) > 0.03
        gaze = (world[:, INDEX["head"], :, 2] * before[:, INDEX["head"], :, 2]).sum(dim=-1)
        assert float(gaze.min()) > math.cos(12 * DEGREE)


def test_no_limb_is_inside_the_body() -> None:
    """Exact, by mesh: what capsules call free may still be flesh in flesh."""
    bad = {}
    for pose in library():
        verts = pose_body(BODY, matrix_from_rotvec(pose.pose)[None], torch.zeros(1, 3)).verts[0]
        if (deepest := float(self_depth(BODY, verts).max())) > 0.006:
            bad[pose.name] = round(deepest * 1000)
    assert not bad


def test_the_palms_of_folded_arms_lie_on_the_other_arm() -> None:
    """A third of each palm is within a vertex spacing (22 mm) of the arm on the other side."""
    folded = [pose for pose in library() if "arms_crossed" in pose.styles]
    posed = pose_body(BODY, matrix_from_rotvec(stack(folded)), torch.zeros(len(folded), 3))
    for side, other in (("left", "right"), ("right", "left")):
        onto = own_patch(BODY, "own_arm", f"{side}_hand")
        arm = part_vertices(BODY)[f"{other}_upper_arm"]
        assert torch.isin(onto, arm).all()
        palm = posed.verts[:, part_vertices(BODY)[f"{side}_grip"]]
        gap = torch.cdist(palm, posed.verts[:, arm]).amin(dim=-1)
        assert (gap.quantile(0.33, dim=-1) < 0.022).all()


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_a_hand_on_the_other_hand_is_on_its_back(side: str, other: str) -> None:
    """In the T-pose palms look down and backs up; the fingers do not count."""
    onto = own_patch(BODY, "own_hand", f"{side}_hand")
    verts, normals = BODY.verts[onto], vertex_normals(BODY.verts, BODY.faces)[onto]
    wrist, knuckle = (BODY.joints[INDEX[f"{other}_{name}"], 0] for name in ("wrist", "middle1"))
    reach = (verts[:, 0] - wrist) / (knuckle - wrist)
    assert len(onto) > 20 and (normals[:, 1] > 0).all()
    assert float(reach.min()) > -0.3 and float(reach.max()) < 1.3


def test_who_listens_has_ear_and_palm_on_one_plane_and_nothing_beyond() -> None:
    pose = poses_for("stand", ["listening"], count=1)[0]
    verts = pose_body(BODY, matrix_from_rotvec(pose.pose)[None], torch.zeros(1, 3)).verts[0]
    ahead = {name: verts[part_vertices(BODY)[f"right_{name}"], 2] for name in ("ear", "palm")}
    door = ahead["ear"].topk(6).values.mean()
    assert verts[:, 2].max() < door + 0.015
    assert (ahead["palm"] - door).abs().mean() < 0.03


def test_mirroring_a_body_mirrors_its_joints() -> None:
    """Each joint's x turns to -x, with left and right exchanged; twice is nothing."""
    pose = stack(poses_for("stand", ["drinking"], count=1))
    joints = BODY.joints.clone()
    joints[:, 0] = 0.5 * (joints[:, 0] - joints[ORDER, 0])
    joints[:, 1:] = 0.5 * (joints[:, 1:] + joints[ORDER, 1:])
    _, here = forward_kinematics(matrix_from_rotvec(pose), joints)
    _, there = forward_kinematics(matrix_from_rotvec(mirror(pose)), joints)
    torch.testing.assert_close(
        there, here[:, ORDER] * torch.tensor([-1.0, 1.0, 1.0]), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(mirror(mirror(pose)), pose)


def _other(name: str) -> str:
    for a, b in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(a):
            return b + name.removeprefix(a)
    return name


ORDER = torch.tensor([INDEX[_other(name)] for name in INDEX])


def test_blending_ends_where_it_should_and_halves_an_angle() -> None:
    a, b = (stack(poses_for(posture, count=1))[0] for posture in ("sit", "lie"))
    torch.testing.assert_close(blend(a, b, 0.0), a, atol=1e-4, rtol=0)
    torch.testing.assert_close(
        matrix_from_rotvec(blend(a, b, 1.0)), matrix_from_rotvec(b), atol=1e-4, rtol=0
    )
    quarter = torch.tensor([[0.0, 0.0, math.pi / 2]])
    half = blend(torch.zeros(1, 3), quarter, 0.5)
    torch.testing.assert_close(half, quarter / 2, atol=1e-5, rtol=0)


@pytest.mark.parametrize("posture", POSTURES)
def test_there_is_always_a_pose(posture: str) -> None:
    for style in ("neutral", "kick", "reading"):
        assert poses_for(posture, [style], count=3)


def test_the_pose_shows_what_was_asked() -> None:
    for pose in library():
        if pose.variant == 0:
            best = poses_for(pose.posture, [pose.styles[0]], count=8)
            assert best[0].posture == pose.posture
            assert pose.styles[0] in best[0].styles, pose.name


def test_the_working_hand_is_the_one_of_the_plan() -> None:
    right, left = (poses_for("stand", ["drinking"], {side}, 1)[0] for side in ("right", "left"))
    assert right.active == ("right_hand",)
    assert left.active == ("left_hand",)
    torch.testing.assert_close(left.pose, mirror(right.pose))
    assert flipped(left).name == right.name


@pytest.mark.parametrize("side", ["left", "right"])
def test_closing_evenly_is_the_hand_shape(side: str) -> None:
    for shape in HAND_SHAPES:
        path = finger_path(shape, side)
        even = path(torch.tensor([0.0, 0.4, 1.0])[:, None, None].expand(3, 5, 3))
        for row, closure in zip(even, (0.0, 0.4, 1.0), strict=True):
            torch.testing.assert_close(row, hand_shape(shape, closure, side))


def test_each_joint_closes_alone_and_with_a_gradient() -> None:
    """Closing one joint of one finger moves that joint and no other."""
    closure = torch.zeros(15, 5, 3)
    closure[torch.arange(15), torch.arange(15) // 3, torch.arange(15) % 3] = 1
    path = finger_path("power", "left")
    moved = (path(closure) - path(torch.zeros(15, 5, 3))).norm(dim=-1)
    assert torch.equal(moved > 1e-4, torch.eye(15, dtype=torch.bool) & (moved > 1e-4))
    assert (moved.diagonal() > 0.05).sum() >= 13
    closure.requires_grad_(True)
    path(closure).square().sum().backward()
    assert closure.grad is not None
    assert closure.grad.isfinite().all()


@pytest.mark.parametrize("shape", ["pinch", "power", "tripod", "cradle", "fist"])
def test_the_thumb_opposes(shape: str) -> None:
    """Closed, the tip of the thumb is within a finger's width of the index or middle finger."""
    pose = torch.zeros(1, 52, 3)
    pose[0, 22:37] = hand_shape(shape, 1.0, "left")
    turned, placed = forward_kinematics(matrix_from_rotvec(pose), BODY.joints)

    def tip(finger: str) -> torch.Tensor:
        joint = INDEX[f"left_{finger}3"]
        bone = BODY.joints[joint] - BODY.joints[joint - 1]
        return placed[0, joint] + turned[0, joint] @ bone * 0.8

    chain = [
        point
        for finger in ("index", "middle")
        for point in (
            placed[0, INDEX[f"left_{finger}2"]],
            placed[0, INDEX[f"left_{finger}3"]],
            tip(finger),
        )
    ]
    assert min(float((tip("thumb") - point).norm()) for point in chain) < 0.03


@pytest.mark.parametrize("name", ["lie_on_side", "lie_curled"])
def test_the_upper_arm_of_who_lies_on_a_side_is_not_held_up(name: str) -> None:
    """The elbow is little above the shoulder, the hand about the drawn-up leg."""
    rotvec = next(p.pose for p in library() if p.name == name)
    posed = pose_body(BODY, matrix_from_rotvec(rotvec)[None], torch.zeros(1, 3))
    shoulder, elbow, wrist, hip, knee = (
        posed.joints[0, INDEX[f"right_{joint}"]]
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee")
    )
    assert float(elbow[1] - shoulder[1]) < 0.06
    assert float(wrist[1] - elbow[1]) < 0.0
    along = ((wrist - hip) @ (knee - hip) / (knee - hip).square().sum()).clamp(0.0, 1.0)
    assert float((wrist - hip - along * (knee - hip)).norm()) < 0.2
