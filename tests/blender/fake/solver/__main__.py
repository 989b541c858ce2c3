"""Answers every job with a random pose of the open body; the prompt chooses how it misbehaves."""

import importlib.util
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[4]


def _load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


protocol = _load("real_protocol", ROOT / "solver" / "protocol.py")
joints = _load("real_joints", ROOT / "solver" / "body" / "joints.py")
PARENTS = joints.PARENTS
FLOOR = -0.25


def rotation(vector):
    """Rodrigues' formula."""
    angle = np.linalg.norm(vector)
    if angle < 1e-9:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def skin(verts, rest, weights, turns, trans):
    """Linear blend skinning, one 4x4 matrix per joint, as in the textbook."""
    world = []
    for j, parent in enumerate(PARENTS):
        local = np.eye(4)
        local[:3, :3] = turns[j]
        local[:3, 3] = rest[j] - (rest[parent] if parent >= 0 else 0)
        world.append(local if parent < 0 else world[parent] @ local)
    shifted = []
    for j, matrix in enumerate(world):
        undo = np.eye(4)
        undo[:3, 3] = -rest[j]
        shifted.append(matrix @ undo)
    blended = np.einsum("vj,jab->vab", weights, np.array(shifted))
    return np.einsum("vab,vb->va", blended[:, :3, :3], verts) + blended[:, :3, 3] + trans


def begun(begin, moving):
    """The pose that a job begins from: moved a little, or the fingers of its left hand bent."""
    turns, trans = begin["rotations"][None].copy(), begin["trans"][None].copy()
    if moving == "fingers":
        turns[:, 22:37] = turns[:, 22:37] @ rotation(np.array([0.0, 0.0, 0.3]))
        return turns, trans
    turns[:, 18] = turns[:, 18] @ rotation(np.array([0.2, 0.0, 0.0]))
    return turns, trans + 0.01


def solution(request, source, folder):
    """A random person beside the object, per variant."""
    with np.load(ROOT / "solver" / "body" / "data" / "open_body.npz") as file:
        body = {key: file[key] for key in file.files}
    rng = np.random.default_rng(request["seed"])
    betas = rng.normal(size=10) * 0.5
    if request["start"]:
        with np.load(folder / "start.npz") as file:
            begin = {key: file[key] for key in file.files}
        betas = begin["betas"]
    verts = body["v_template"] + body["shapedirs"][..., :10] @ betas
    rest = body["J_regressor"] @ verts
    count = request["variants"]
    pose = rng.normal(size=(count, 52, 3)) * 0.25
    turns = np.array([[rotation(v) for v in one] for one in pose])
    trans = rng.normal(size=(count, 3)) + np.array([0, 1.0, 0])
    if request["start"]:
        turns, trans = begun(begin, request["moving"])
    if "corrective" in request["prompt"]:
        shaped = verts + rng.normal(size=verts.shape) * 0.01
    else:
        shaped = verts
    posed = [skin(shaped, rest, body["weights"], t, x) for t, x in zip(turns, trans, strict=True)]
    motion = np.tile(np.eye(4), (count, 1, 1))
    if "hold" in request["prompt"] and not request["fix_object"]:
        for k in range(count):
            motion[k, :3, :3] = rotation(rng.normal(size=3))
            motion[k, :3, 3] = rng.normal(size=3)
    faces = body["f"].astype(np.int32)
    near = np.exp(-np.linalg.norm(source - source.max(axis=0), axis=1) / 0.2)
    return {
        "pose": pose, "rotations": turns, "trans": trans, "T_scene_source": motion,
        "posed": np.array(posed, np.float32), "verts": verts, "joints": rest, "faces": faces,
        "weights": body["weights"], "uvs": rng.random((len(faces), 3, 2), np.float32),
        "materials": (verts[faces].mean(axis=1)[:, 1] > rest[0, 1]).astype(np.int32) + 1,
        "betas": betas, "contact_names": np.array(["left_hand", "buttocks"]),
        "contact_maps": np.stack([near, 1 - near]).astype(np.float16),
    }  # fmt: skip


def misbehave(job, prompt, say):
    """End or stop here if the prompt says so."""
    if "crash" in prompt:
        os._exit(3)
    if "killed" in prompt:
        os.kill(os.getpid(), signal.SIGKILL)
    if "garbage" in prompt:
        say("this is no JSON")
        time.sleep(60)
    if "hang" in prompt:
        say(protocol.Progress(job.job_id, 1, "Hanging", 0.1))
        time.sleep(3600)


def solve(job, say, stopped):
    """Do the job, or what its prompt wants to go wrong."""
    folder = Path(job.folder)
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    prompt = request["prompt"]
    misbehave(job, prompt, say)
    steps = 100 if "slow" in prompt else 3
    for k in range(steps):
        if job.job_id in stopped:
            say(protocol.Stopped(job.job_id, 500))
            return
        say(protocol.Progress(job.job_id, k + 1, "Thinking", k / steps, 1.0))
        time.sleep(0.05)
    if "fail" in prompt:
        say(protocol.Failed(job.job_id, 501, "It cannot be done.", "Ask for less.", ""))
        return
    if "bug" in prompt:
        say(protocol.Failed(job.job_id, 501, "IndexError(7)", "", "Traceback"))
        return
    if request["only"] == "plan":
        (folder / "reading.json").write_text(json.dumps(plan_of(request)), encoding="utf-8")
    elif "nothing" not in prompt:
        write_result(folder, request)
    say(protocol.Done(job.job_id, 501, str(folder)))


def plan_of(request):
    """A complete plan: the one that the request brings, or one about the sides that it names."""
    if request["plan"] is not None:
        return request["plan"] | {"provider": "given"}
    prompt = request["prompt"]
    touching = ["left_foot", *(f"{side}_hand" for side in ("left", "right") if side in prompt)]
    held = "hold" in prompt and not request["fix_object"]
    return {
        "prompt": prompt, "object": "chair", "posture": "sit", "relation": "front",
        "side": "any", "facing": "object", "movable": held, "scale": "carryable",
        "contacts": [
            {"part": part, "region": "floor", "role": "support", "weight": 1.5} for part in touching
        ],
        "hands": {"left": "relaxed", "right": "flat"}, "styles": ["reading"], "avoid": [],
        "hold_height": "chest", "attitude": "upright",
        "subject": {"sex": None, "age": None, "height": None, "weight": None},
        "image_prompts": ["A person."], "negative_prompts": ["Nobody."], "flag": "ok",
        "confidence": 0.4, "provider": request["planner"]["provider"],
        "warnings": ["The word 'frob' is not known."],
    }  # fmt: skip


def write_result(folder, request):
    """The two files of a result."""
    prompt = request["prompt"]
    with np.load(folder / "object.npz") as file:
        source = file["verts"]
    np.savez(folder / "solution.npz", **solution(request, source, folder))
    metrics = {"penetration_mm": 3.5, "contact_gap_mm": 1.0, "name": "x"}
    report = {
        "version": 1,
        "plan": plan_of(request),
        "floor": FLOOR, "device": "cpu", "body": "open-smplh", "providers": {"plan": "rules"},
        "variants": [{"metrics": metrics, "warnings": []}] * request["variants"],
        "warnings": ["The front is unsure."] if "warn" in prompt else [],
    }  # fmt: skip
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


def main():
    """The loop of the real solver, shorter."""
    outbox = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    inbox, stopped = queue.SimpleQueue(), set()

    def say(message):
        line = message if isinstance(message, str) else protocol.encode(message)
        outbox.write(line + "\n")
        outbox.flush()

    def read():
        for line in sys.stdin:
            message = protocol.decode(line)
            if isinstance(message, protocol.Solve):
                inbox.put(message)
            elif isinstance(message, protocol.Cancel):
                stopped.add(message.job_id)
        os._exit(9)

    threading.Thread(target=read, daemon=True).start()
    version = int(os.environ.get("FAKE_VERSION", protocol.VERSION))
    say(protocol.Hello("fake", ("cpu",), version))
    while True:
        solve(inbox.get(), say, stopped)


if __name__ == "__main__":
    main()
