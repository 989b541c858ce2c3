"""Capsules against closed forms, and against the exact overlap of the mesh."""

import math

import pytest
import torch
from limbs import clamp_pose

from solver.artefacts import Subject
from solver.body import Posed, ShapedBody, betas_for, load_body, pose_body, shape_body
from solver.body.capsules import (
    Capsules,
    fit_capsules,
    place_capsules,
    self_penetration,
    tree_distance,
)
from solver.body.flesh import greedy
from solver.body.joints import INDEX, JOINTS
from solver.body.overlap import limbs_of, self_depth
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import matrix_from_rotvec
from solver.geometry.surface import Surface
from solver.geometry.tapered import tapered_gap

BODY = shape_body(load_body())
CAPSULES = fit_capsules(BODY)


def posed_of(body: ShapedBody, pose: torch.Tensor):
    return pose_body(body, matrix_from_rotvec(pose), torch.zeros(len(pose), 3))


def turned(**joints: tuple[float, float, float]) -> torch.Tensor:
    pose = torch.zeros(1, 52, 3)
    for name, degrees in joints.items():
        pose[0, INDEX[name]] = torch.tensor(degrees).deg2rad()
    return pose


def two(start: tuple[float, ...], end: tuple[float, ...]) -> Capsules:
    """A capsule along X of radii 0.1 to 0.3, and another of radius 0.1, both on the root."""
    ends = torch.tensor([[[0.0, 0, 0], [1.0, 0, 0]], [list(start), list(end)]])
    return Capsules(
        joint=torch.zeros(2, dtype=torch.long), ends=ends - BODY.joints[0],
        radii=torch.tensor([[0.1, 0.3], [0.1, 0.1]]), pairs=torch.tensor([[0, 1]]),
        slack=torch.zeros(1),
    )  # fmt: skip


def capsule_distance(capsules: Capsules, posed: Posed, points: torch.Tensor) -> torch.Tensor:
    """Signed distance from points (batch, points, 3) to each capsule, metres, negative inside."""
    ends, radii = place_capsules(capsules, posed)[:, None], capsules.radii
    start, bone = ends[..., 0, :], ends[..., 1, :] - ends[..., 0, :]
    offset = points[:, :, None] - start
    t = (offset * bone).sum(dim=-1) / (bone.square().sum(dim=-1) + 1e-9)
    t = t.clamp(0, 1)
    away = (offset - t[..., None] * bone).norm(dim=-1)
    return away - (radii[:, 0] + t * (radii[:, 1] - radii[:, 0]))


@pytest.mark.parametrize(
    ("start", "end", "depth"),
    [
        ((0.5, 0.25, -1), (0.5, 0.25, 1), 0.05),  # Crossed over the middle: radii 0.2 and 0.1.
        ((0.0, 0.15, 0), (0.0, 1.0, 0), 0.05),  # Above the thin end.
        ((1.35, 0, 0), (2.0, 0, 0), 0.05),  # Beyond the thick end.
        ((0.5, 0.4, -1), (0.5, 0.4, 1), 0.0),
    ],
)
def test_two_capsules_overlap_by_closed_form(start, end, depth: float) -> None:
    posed = posed_of(BODY, torch.zeros(1, 52, 3))
    found = self_penetration(two(start, end), posed)
    assert float(found) == pytest.approx(depth, abs=1e-4)


def test_distance_to_a_capsule_by_closed_form() -> None:
    points = torch.tensor([[[0.5, 0.5, 0.0], [0.0, -0.05, 0.0], [2.0, 0.0, 0.0]]])
    distance = capsule_distance(
        two((9, 9, 9), (9, 9, 8)), posed_of(BODY, torch.zeros(1, 52, 3)), points
    )
    torch.testing.assert_close(
        distance[0, :, 0], torch.tensor([0.3, -0.05, 0.7]), atol=1e-4, rtol=0
    )


def test_tree_distance_counts_bones() -> None:
    steps = tree_distance()
    assert [int(steps[a, b]) for a, b in ((0, 0), (1, 2), (20, 16))] == [0, 2, 2]


def test_nothing_overlaps_in_the_t_pose() -> None:
    assert self_penetration(CAPSULES, posed_of(BODY, torch.zeros(1, 52, 3))).max() == 0


def test_capsules_fill_the_flesh() -> None:
    """Skin lies near the capsules' surface: half within 6 mm, nearly all within 20 mm."""
    posed = posed_of(BODY, torch.zeros(1, 52, 3))
    distance = capsule_distance(CAPSULES, posed, BODY.verts[None])[0].amin(dim=1)
    by_area = distance[torch.multinomial(BODY.areas, 5000, replacement=True)].abs()
    assert by_area.median() < 0.006
    assert by_area.quantile(0.9) < 0.02


@pytest.mark.parametrize(
    "subject", [Subject(), Subject(sex=0, age=6), Subject(sex=0, age=45, weight=105)]
)
def test_capsules_lie_inside_the_body(subject: Subject) -> None:
    body = shape_body(BODY.model, betas_for(BODY.model, subject))
    capsules = fit_capsules(body)
    middle = body.joints[capsules.joint] + capsules.ends.mean(dim=1)
    assert Surface(Mesh(body.verts, body.faces)).query(middle)[0].max() < 0.002


def test_capsules_move_with_the_skin() -> None:
    pose = turned(left_elbow=(0, -90, 0), right_hip=(-60, 0, 0))
    ends = place_capsules(CAPSULES, posed_of(BODY, pose))[0]
    forearm = [k for k, j in enumerate(CAPSULES.joint.tolist()) if JOINTS[j] == "left_elbow"]
    skin = BODY.model.weights.argmax(dim=1) == INDEX["left_elbow"]
    verts = posed_of(BODY, pose).verts[0][skin]
    assert (ends[forearm].mean(dim=(0, 1)) - verts.mean(dim=0)).norm() < 0.03


@pytest.mark.parametrize(
    ("pose", "least"),
    [
        (turned(left_shoulder=(0, 0, -110)), 0.02),  # The hand in the thigh.
        (turned(left_hip=(0, 0, -25), right_hip=(0, 0, 25)), 0.02),  # Legs in each other.
        (
            turned(left_shoulder=(0, -120, 0), left_elbow=(0, -130, 0)),
            0.02,
        ),  # The arm in the chest.
    ],
)
def test_faults_are_seen_by_both_measures(pose: torch.Tensor, least: float) -> None:
    posed = posed_of(BODY, pose)
    assert self_depth(BODY, posed.verts[0]).max() > least
    assert self_penetration(CAPSULES, posed).max() > least


def test_depth_in_oneself_is_that_of_every_vertex_asked() -> None:
    """Asking only the limbs that may be in something finds the same as asking them all."""
    pose = clamp_pose(torch.randn(12, 52, 3, generator=torch.Generator().manual_seed(1)) * 0.45)
    asked = 0
    for verts in posed_of(BODY, pose).verts:
        slow = torch.zeros(len(verts))
        for limb in limbs_of(BODY):
            distance = Surface(Mesh(verts, limb.others.faces)).query(verts[limb.verts])[0]
            slow[limb.verts] = torch.relu(-distance)
            asked += limb.may_be_in(verts)
        torch.testing.assert_close(self_depth(BODY, verts), slow, atol=1e-6, rtol=0)
    assert 12 < asked < 0.7 * 12 * len(limbs_of(BODY))


def test_each_ball_covers_most_of_what_is_left() -> None:
    """Against a table of all pairs."""
    generator = torch.Generator().manual_seed(2)
    verts, areas = torch.rand(400, 3, generator=generator), torch.rand(400, generator=generator)
    centres, reach = (
        torch.rand(90, 3, generator=generator),
        0.2 * torch.rand(90, generator=generator),
    )
    covered = ((verts - centres[:, None]).norm(dim=-1) < reach[:, None]).float()
    left = areas.clone()
    for k in greedy(verts, areas, centres, reach)[:20]:
        assert float(covered[k] @ left) >= float((covered @ left).max()) - 1e-5
        left[covered[k] > 0] = 0.0


def test_gradient_leads_apart() -> None:
    pose = turned(left_shoulder=(0, 0, -110)).requires_grad_()
    before = self_penetration(CAPSULES, posed_of(BODY, pose)).square().sum()
    before.backward()
    assert pose.grad is not None
    assert pose.grad.isfinite().all()
    step = pose.detach() - 0.05 * pose.grad / pose.grad.norm()
    assert self_penetration(CAPSULES, posed_of(BODY, step)).square().sum() < before


def test_a_batch_is_its_members() -> None:
    pose = clamp_pose(torch.randn(4, 52, 3, generator=torch.Generator().manual_seed(0)) * 0.5)
    together = self_penetration(CAPSULES, posed_of(BODY, pose))
    alone = torch.cat([self_penetration(CAPSULES, posed_of(BODY, p[None])) for p in pose])
    torch.testing.assert_close(together, alone)


def test_a_child_is_thinner_than_a_heavy_person() -> None:
    radii = [
        fit_capsules(shape_body(BODY.model, betas_for(BODY.model, subject))).radii.sum()
        for subject in (Subject(sex=0, age=7), Subject(sex=0, age=40, weight=100))
    ]
    assert radii[1] > 1.5 * radii[0]


@pytest.mark.slow
def test_recall_against_the_exact_overlap() -> None:
    """Capsules see the faults deeper than 15 mm, and cry wolf over 20 mm in few poses."""
    generator = torch.Generator().manual_seed(0)
    pose = clamp_pose(torch.randn(30, 52, 3, generator=generator) * 0.45)
    pose[:, INDEX["left_shoulder"], 2] -= math.radians(60)
    pose[:, INDEX["right_shoulder"], 2] += math.radians(60)
    posed = posed_of(BODY, pose)
    seen = self_penetration(CAPSULES, posed).amax(dim=1)
    rest = self_depth(BODY, BODY.verts)
    exact = torch.stack([torch.relu(self_depth(BODY, v) - rest).max() for v in posed.verts])
    deep = exact > 0.015
    assert deep.sum() >= 8
    assert (seen[deep] > 0.25 * exact[deep]).float().mean() > 0.9
    assert (seen[exact < 0.003] > 0.02).float().mean() < 0.1


def test_the_gap_and_its_gradient_are_those_of_finite_differences() -> None:
    g = torch.Generator().manual_seed(1)
    ends = torch.rand(2, 12, 2, 3, generator=g, dtype=torch.float64)
    radii = 0.6 + 0.3 * torch.rand(12, 2, generator=g).double()
    pairs = torch.triu_indices(12, 12, 1).T
    ends.requires_grad_()
    assert (tapered_gap(ends, radii, pairs) < 0).double().mean() > 0.9
    assert torch.autograd.gradcheck(
        lambda x: tapered_gap(x, radii, pairs).clamp(max=0.0), (ends,), fast_mode=False
    )


def test_parallel_bones_and_those_of_no_length_have_a_gap_and_a_gradient() -> None:
    ends = torch.tensor(
        [[[0.0, 0, 0], [1.0, 0, 0]], [[0.2, 0.1, 0], [0.8, 0.1, 0]], [[0.5, 0, 0]] * 2]
    )
    ends = ends[None].requires_grad_()
    gap = tapered_gap(ends, torch.full((3, 2), 0.1), torch.tensor([[0, 1], [0, 2]]))
    torch.testing.assert_close(gap.detach(), torch.tensor([[-0.1, -0.2]]), atol=1e-4, rtol=0)
    slope = torch.autograd.grad(gap.sum(), ends)[0]
    assert slope.isfinite().all() and slope[0, 1, :, 1].sum().item() == pytest.approx(1.0, abs=1e-3)


def test_the_gap_is_the_least_distance_of_points_on_two_bones() -> None:
    g = torch.Generator().manual_seed(2)
    ends, radii = torch.rand(1, 8, 2, 3, generator=g), torch.zeros(8, 2)
    pairs = torch.triu_indices(8, 8, 1).T
    along = torch.linspace(0, 1, 201)[:, None]
    points = ends[0, :, None, 0] + along * (ends[0, :, None, 1] - ends[0, :, None, 0])
    wanted = torch.stack([torch.cdist(points[i], points[j]).min() for i, j in pairs.tolist()])
    found = tapered_gap(ends, radii, pairs)[0]
    assert (found < wanted + 1e-4).all() and (found > wanted - 4e-3).all()
