"""Jobs that begin from a pose: what is read, where it is in the solver's frame, what comes out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from solid import chair, sitting

from solver.artefacts import Hypotheses, Item, Solution, Subject
from solver.begin import FILE, Begin, hypothesis_of, put_begin, read_begin
from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.errors import SolverError
from solver.geometry.rotations import matrix_from_rotvec, rigid
from solver.job import Request, read_request
from solver.optimisation import refine
from solver.person import person
from solver.plan import make_plan
from solver.result import pose_arrays
from solver.settings import refining, settings_for
from solver.synthesis import synthesise


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def elsewhere(item: Item) -> Item:
    """The object in a scene of another frame, from a file of another unit."""
    turn = matrix_from_rotvec(torch.tensor([0.0, 0.7, 0.0]))
    source = torch.eye(4)
    source[:3, :3] *= 0.01
    T_scene_world = rigid(turn, torch.tensor([3.0, -1.0, 0.5]))
    return replace(item, T_scene_world=T_scene_world, T_object_source=source)


def test_what_a_result_says_begins_where_the_result_was(body: ShapedBody) -> None:
    item = elsewhere(chair())
    generator = torch.Generator().manual_seed(0)
    pose = 0.5 * torch.randn(52, 3, generator=generator)
    T = rigid(matrix_from_rotvec(torch.tensor([0.1, 0.2, 0.3])), torch.tensor([0.1, 0.4, 0.2]))
    solution = Solution(pose, torch.tensor([0.2, 0.9, -0.3]), body.betas, T, "given", {}, {})
    arrays = pose_arrays(item, body, [solution])
    begin = Begin(*(torch.from_numpy(arrays[k][0]) for k in ("pose", "trans", "T_scene_source")))
    found = hypothesis_of(begin, item, body)
    torch.testing.assert_close(found.trans[0], solution.trans, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.T_world_object[0], T, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        matrix_from_rotvec(found.pose[0]), matrix_from_rotvec(pose), atol=1e-5, rtol=0
    )


def test_rotations_and_variants_are_read(tmp_path: Path) -> None:
    pose = 0.3 * torch.randn(2, 52, 3, generator=torch.Generator().manual_seed(1))
    trans = np.ones((2, 3), np.float32) * np.array([[1.0], [2.0]], np.float32)
    np.savez(tmp_path / "a.npz", rotations=matrix_from_rotvec(pose).numpy(), trans=trans)
    found = read_begin(tmp_path / "a.npz", variant=2)
    torch.testing.assert_close(found.pose, pose[1], atol=1e-4, rtol=0)
    assert found.trans.tolist() == [2.0, 2.0, 2.0]
    assert found.T_scene_source is None
    with pytest.raises(SolverError, match="variant 3"):
        read_begin(tmp_path / "a.npz", variant=3)


def test_a_pose_may_say_whose_it_is(tmp_path: Path, body: ShapedBody) -> None:
    """Then sentence and panel do not; another body's betas are refused."""
    betas = np.linspace(-1.0, 1.0, 10)
    np.savez(tmp_path / "a.npz", pose=np.zeros((52, 3)), trans=np.zeros(3), betas=betas)
    begin = read_begin(tmp_path / "a.npz")
    request = Request("a tall man sits", "chair", subject=Subject(age=8.0))
    plan = make_plan(request.prompt, "chair", (0.5, 0.9, 0.5))
    assert begin.betas is not None
    wanted = shape_body(body.model, torch.from_numpy(betas).float())
    torch.testing.assert_close(person(request, plan, begin.betas).verts, wanted.verts)
    with pytest.raises(SolverError, match="4 betas"):
        person(request, plan, begin.betas[:4])


@pytest.mark.parametrize(
    "arrays",
    [
        {"pose": np.zeros((52, 3))},
        {"pose": np.zeros((24, 3)), "trans": np.zeros(3)},
        {"pose": np.full((52, 3), np.nan), "trans": np.zeros(3)},
        {"pose": np.zeros((52, 3), int), "trans": np.zeros(3)},
        {"pose": np.zeros((52, 3)), "trans": np.zeros(3), "betas": np.array(1.0)},
    ],
    ids=["no place", "too few joints", "not finite", "whole numbers", "one beta for nobody"],
)
def test_what_is_no_pose_is_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / FILE, **arrays)  # pyright: ignore[reportArgumentType]
    with pytest.raises(SolverError, match="No pose can be read") as error:
        read_begin(tmp_path / FILE)
    assert "rotations" in error.value.remedy


def test_an_object_of_which_nothing_is_said_is_where_the_solver_finds_it(body: ShapedBody) -> None:
    """Also one from a file in another unit: it is neither moved nor a hundred times as large."""
    found = hypothesis_of(Begin(torch.zeros(52, 3), torch.zeros(3), None), elsewhere(chair()), body)
    assert torch.equal(found.T_world_object[0], torch.eye(4))


def test_a_bare_array_is_no_pose(tmp_path: Path) -> None:
    np.save(tmp_path / "pose.npy", np.zeros((52, 3)))
    with pytest.raises(SolverError, match="No pose can be read"):
        read_begin(tmp_path / "pose.npy")


def test_a_job_is_told_where_to_begin(tmp_path: Path) -> None:
    job, source = tmp_path / "job", tmp_path / "pose.npz"
    job.mkdir()
    (job / "request.json").write_text(json.dumps({"prompt": "a man sits", "object_name": "chair"}))
    np.savez(source, pose=np.zeros((52, 3)), trans=np.ones(3))
    put_begin(job, source)
    assert read_request(job).start
    assert read_begin(job / FILE).trans.tolist() == [1.0, 1.0, 1.0]


def test_somebody_over_a_seat_comes_down_and_stays_there(body: ShapedBody) -> None:
    """From 4 cm above the best placement the body finds the seat, and no other pose."""
    item = chair()
    plan, affordance = sitting(item)
    settings = settings_for("draft")
    placed = synthesise(item, plan, affordance, body, settings)
    given = Hypotheses(
        pose=placed.pose[:1], trans=placed.trans[:1] + torch.tensor([0.0, 0.04, 0.0]),
        betas=body.betas, T_world_object=placed.T_world_object[:1], names=("given",),
        oddness=torch.zeros(1),
    )  # fmt: skip
    (found,) = refine(item, plan, affordance, body, given, refining(settings))
    assert found.metrics["worst_gap"] < 0.006
    assert float((found.trans - given.trans[0]).norm()) < 0.10
    was, now = (
        pose_body(body, matrix_from_rotvec(pose[None]), trans[None]).joints[0]
        for pose, trans in ((given.pose[0], given.trans[0]), (found.pose, found.trans))
    )
    assert float(((now - found.trans) - (was - given.trans[0])).norm(dim=-1).max()) < 0.15
