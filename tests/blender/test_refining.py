"""A result that the artist has changed is solved again from there, or closes its fingers."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from helpers import generate, request_in, solution_of, until, world_verts, y_up
from mathutils import Matrix

from blender_addon import posing, refining, results, runner, service, wire
from blender_addon.jobs import Person, State
from blender_addon.wire import errors

pytestmark = pytest.mark.blender

FINGERS = set(wire.joints.JOINTS[len(wire.joints.BODY_JOINTS) :])


def only() -> bpy.types.Collection:
    """The one result of the scene."""
    (made,) = results.results(bpy.context.scene)
    return made


def start_of(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "start.npz") as file:
        return {key: file[key] for key in file.files}


def channels(rig: bpy.types.Object) -> dict[str, list[float]]:
    """Every bone's own numbers."""
    return {
        bone.name: [*bone.location, *bone.rotation_quaternion, *bone.rotation_euler, *bone.scale]
        for bone in rig.pose.bones
    }


def test_refine_begins_from_the_changed_pose(cube: bpy.types.Object) -> None:
    """The solver gets what the rig shows and whose it is, and its answer takes the place."""
    first = generate(cube, seed=5)
    rig = results.people(first)[0]
    betas = list(rig["interact_betas"])
    posing.turn(rig.pose.bones["left_elbow"], np.array(Matrix.Rotation(0.7, 3, "Y")))
    rig.location.x += 0.2
    shown = posing.read_pose(rig, 1.0)
    cube.location.x += 0.1
    assert bpy.ops.interact.refine(result=first.name) == {"FINISHED"}
    job = service.session.jobs[-1]
    asked, begin = request_in(job), start_of(job.folder)
    assert (asked["start"], asked["moving"], asked["variants"]) == (True, "body", 1)
    assert np.abs(begin["rotations"] - shown.rotations).max() < 1e-6
    assert np.abs(begin["trans"] - shown.trans).max() < 1e-6
    assert begin["betas"].tolist() == betas
    assert "T_scene_source" not in begin, "the snapshot of the object is where it stands"
    with np.load(job.folder / "object.npz") as file:
        assert np.abs(file["verts"] - y_up(world_verts(cube))).max() < 1e-6
    again = results.people(only())[0]
    assert list(again["interact_betas"]) == betas
    body = again.children[0]
    assert np.abs(y_up(world_verts(body)) - solution_of(only())["posed"][0]).max() < 1e-4


def test_who_was_old_stays_old(cube: bpy.types.Object) -> None:
    """The shape is in the betas; the colour of the hair is not."""
    made = generate(cube, seed=5, subject=Person(age=70.0, height=1.6))
    for _ in range(2):
        assert bpy.ops.interact.refine(result=made.name) == {"FINISHED"}
        made = only()
        subject = request_in(service.session.jobs[-1])["subject"]
        assert subject == {"sex": None, "age": 70.0, "height": None, "weight": None}


def test_refine_replaces_and_keeps_what_is_not_ours(cube: bpy.types.Object) -> None:
    """Also a hat on a person's head, wherever in the file it lies."""
    first = generate(cube, variants=2)
    rig = results.people(first)[0]
    hat = bpy.data.objects.new("Hat", bpy.data.meshes.new("Hat"))
    bpy.context.scene.collection.objects.link(hat)
    hat.parent, hat.parent_type, hat.parent_bone = rig, "BONE", "head"
    bpy.context.view_layer.update()
    stood, name = hat.matrix_world.copy(), first.name
    other = generate(cube, "stand", seed=9)
    counted = len(bpy.data.armatures)
    bpy.ops.interact.refine(result=name)
    bpy.context.view_layer.update()
    found = results.results(bpy.context.scene)
    assert other in found and len(found) == 2 and len(bpy.data.armatures) == counted - 1
    assert np.allclose(hat.matrix_world, stood, atol=1e-5)
    assert bpy.context.scene.objects["Hat"] is not None


def test_the_sentence_of_the_result_counts(cube: bpy.types.Object) -> None:
    """Each result has its own; the panel's may be about another by now."""
    first = generate(cube, "sit", seed=4)
    bpy.context.scene.interact.prompt = "something else"
    results.people(first)[0]["interact_prompt"] = "sit and read"
    bpy.ops.interact.refine(result=first.name)
    asked = request_in(service.session.jobs[-1])
    assert (asked["prompt"], asked["seed"], asked["placement"]) == ("sit and read", 4, "keep")
    assert results.people(only())[0]["interact_prompt"] == "sit and read"


def test_a_held_object_begins_where_it_is_and_moves_with_the_answer(cube: bpy.types.Object) -> None:
    """Its floor is the person's, who takes it along; so it is at the second refinement."""
    made = generate(cube, "hold", seed=2)
    for _ in range(2):
        rig, floor = results.people(made)[0], -0.25
        stood = cube.matrix_world.copy()
        rig.location.z += 0.5  # Up a step.
        floor += 0.5
        bpy.ops.interact.refine(result=made.name)
        made = only()
        job = service.session.jobs[-1]
        assert request_in(job)["floor"] == pytest.approx(floor, abs=1e-5)
        motion = solution_of(made)["T_scene_source"][0]
        with np.load(job.folder / "object.npz") as file:
            wanted = file["verts"] @ motion[:3, :3].T + motion[:3, 3]
        assert np.abs(y_up(world_verts(cube)) - wanted).max() < 1e-4
        assert np.abs(np.array(cube.matrix_world) - np.array(stood)).max() > 0.1


def test_fingers_close_and_nothing_else_changes(cube: bpy.types.Object) -> None:
    """To the last bit: other bones, the hand that the solver left alone, rig, object, results."""
    made = generate(cube, "hold", seed=2)
    rig = results.people(made)[0]
    place, stood = rig.matrix_world.copy(), cube.matrix_world.copy()
    before, objects = channels(rig), set(bpy.data.objects)
    assert bpy.ops.interact.close_fingers(result=made.name) == {"FINISHED"}
    after = channels(rig)
    turned = {name for name in before if before[name] != after[name]}
    assert turned == {name for name in FINGERS if name.startswith("left")}
    assert (rig.matrix_world, cube.matrix_world) == (place, stood)
    assert set(bpy.data.objects) == objects and only() == made
    job = service.session.jobs[-1]
    assert job.state is State.APPLIED
    assert request_in(job)["moving"] == "fingers"
    assert rig["interact_folder"] == str(job.folder)
    shown = posing.read_pose(rig, 1.0)
    assert np.abs(shown.rotations - solution_of(made)["rotations"][0]).max() < 1e-5


def test_fingers_keep_their_rotation_mode(cube: bpy.types.Object) -> None:
    made = generate(cube, seed=2)
    rig = results.people(made)[0]
    for name, mode in (("left_index1", "XYZ"), ("left_thumb2", "AXIS_ANGLE")):
        bone = rig.pose.bones[name]
        matrix = np.array(bone.rotation_quaternion.to_matrix())
        bone.rotation_mode = mode
        posing.turn(bone, matrix)
    bpy.ops.interact.close_fingers(result=made.name)
    assert rig.pose.bones["left_index1"].rotation_mode == "XYZ"
    shown = posing.read_pose(rig, 1.0)
    assert np.abs(shown.rotations - solution_of(made)["rotations"][0]).max() < 1e-5


def test_fingers_renew_the_pose_corrective(cube: bpy.types.Object) -> None:
    made = generate(cube, "sit with correctives")
    bpy.ops.interact.close_fingers(result=made.name)
    body = results.people(made)[0].children[0]
    assert np.abs(y_up(world_verts(body)) - solution_of(made)["posed"][0]).max() < 1e-4


def test_fingers_that_something_holds_are_named(cube: bpy.types.Object) -> None:
    made = generate(cube)
    rig = results.people(made)[0]
    limit = rig.pose.bones["left_index1"].constraints.new("LIMIT_ROTATION")
    limit.use_limit_x = limit.use_limit_y = limit.use_limit_z = True
    limit.owner_space = "LOCAL"
    bpy.ops.interact.close_fingers(result=made.name)
    assert "constraints" in rig["interact_warnings"]


def test_the_active_object_chooses_the_result(cube: bpy.types.Object) -> None:
    first = generate(cube)
    second = generate(cube, "stand", seed=1)
    bpy.context.view_layer.objects.active = results.people(first)[0]
    bpy.ops.interact.refine()
    found = results.results(bpy.context.scene)
    assert len(found) == 2 and found[0] == second


def test_it_works_from_pose_mode(cube: bpy.types.Object) -> None:
    """Where bones are moved; the artist stays there, with the new person."""
    made = generate(cube)
    bpy.context.view_layer.objects.active = results.people(made)[0]
    bpy.ops.object.mode_set(mode="POSE")
    job = refining.submit_again(bpy.context, made.name, "body")
    until(lambda: job.state is State.READY)
    said: list[str] = []
    runner.Runner.step(bpy.context, lambda _, text: said.append(text))
    assert job.state is State.APPLIED and "Refined" in said[-1]
    assert bpy.context.object == results.people(only())[0] and bpy.context.mode == "POSE"
    bpy.ops.object.mode_set(mode="OBJECT")


def delete_object(made: bpy.types.Collection) -> None:
    bpy.data.objects.remove(bpy.data.objects["Chair.001"])


def delete_person(made: bpy.types.Collection) -> None:
    bpy.data.objects.remove(results.people(made)[0])


def scale_person(made: bpy.types.Collection) -> None:
    results.people(made)[0].scale = (2, 2, 2)


def empty_prompt(made: bpy.types.Collection) -> None:
    results.people(made)[0]["interact_prompt"] = " "


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (delete_object, "object of '.*' was deleted"),
        (delete_person, "person of '.*' was deleted"),
        (scale_person, "is scaled"),
        (empty_prompt, "prompt is empty"),
    ],
)
@pytest.mark.parametrize("operator", ["refine", "close_fingers"])
def test_what_cannot_be_used_is_a_sentence(
    cube: bpy.types.Object, operator: str, spoil: object, said: str
) -> None:
    """And nothing was submitted, nothing written."""
    made = generate(cube)
    spoil(made)
    jobs = len(service.session.jobs)
    folders = len(list(service.session.jobs[0].folder.parent.iterdir()))
    with pytest.raises(RuntimeError, match=said):
        getattr(bpy.ops.interact, operator)(result=made.name)
    assert len(service.session.jobs) == jobs
    assert len(list(service.session.jobs[0].folder.parent.iterdir())) == folders


@pytest.mark.parametrize("prompt", ["crash", "fail", "nothing"])
@pytest.mark.parametrize("operator", ["refine", "close_fingers"])
def test_a_job_that_fails_leaves_the_result(
    cube: bpy.types.Object, operator: str, prompt: str
) -> None:
    made = generate(cube)
    rig = results.people(made)[0]
    rig["interact_prompt"], before = prompt, channels(rig)
    with pytest.raises(RuntimeError):
        getattr(bpy.ops.interact, operator)(result=made.name)
    assert only() == made and channels(results.people(made)[0]) == before
    rig["interact_prompt"] = "sit"
    service.session._not_before = float("-inf")
    assert getattr(bpy.ops.interact, operator)(result=made.name) == {"FINISHED"}


def test_a_person_who_is_gone_when_the_fingers_come(cube: bpy.types.Object) -> None:
    made = generate(cube)
    job = service.wait(refining.submit_again(bpy.context, made.name, "fingers"))
    bpy.data.objects.remove(results.people(made)[0])
    with pytest.raises(RuntimeError, match="deleted while the solver worked"):
        bpy.ops.interact.apply(job_id=job.id)


def test_cancel_leaves_the_result(cube: bpy.types.Object) -> None:
    made = generate(cube)
    results.people(made)[0]["interact_prompt"] = "slow"
    job = refining.submit_again(bpy.context, made.name, "body")
    until(lambda: job.state is State.SOLVING)
    service.session.cancel(job.id)
    until(lambda: not service.session.stopping)
    assert only() == made and not job.folder.exists()


def test_another_result_is_never_meant(cube: bpy.types.Object) -> None:
    generate(cube)
    with pytest.raises(errors.SolverError, match="no result 'Mine'"):
        refining.submit_again(bpy.context, "Mine", "body")
    bpy.context.view_layer.objects.active = cube
    with pytest.raises(errors.SolverError, match="No result is chosen"):
        refining.submit_again(bpy.context, "", "body")


def test_the_report_of_a_refinement_is_fresh(cube: bpy.types.Object) -> None:
    """Numbers that the new report does not have do not stay from the old one."""
    made = generate(cube)
    rig = results.people(made)[0]
    rig["metric_old_mm"] = 7.0
    bpy.ops.interact.close_fingers(result=made.name)
    assert "metric_old_mm" not in rig and rig["metric_penetration_mm"] == pytest.approx(3.5)
    report = Path(rig["interact_folder"]) / "report.json"
    assert json.loads(report.read_text(encoding="utf-8"))["variants"]
