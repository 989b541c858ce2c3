"""People among other things: two in one .blend of every scene, one after another.

    python benchmarks/scenes.py --scenes DIR --objects DIR [--only bedroom]

Through Blender's module and the add-on's own road: each scene is imported, the second person sees
the first, the file is saved and opened again, and what it shows is measured here, by other means
than the solver's: winding numbers of the closed person, and of each closed piece of the scene.
Exits with 1 when a person is missing, collides by more than a centimetre, or anything else moved.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import trimesh
import tyro
from manifest import canonical, read_jobs
from run import write_table

from buildtools.demo import fresh_folder
from buildtools.environments import bpy_environment, make_ready, solver_environment
from solver.geometry.mesh import Mesh, sample_surface
from solver.geometry.surface import Surface

ROOT = Path(__file__).resolve().parent.parent
COLLISION, FLOOR, STILL = 10.0, 5.0, 1.0
"""Millimetres of overlap, of a standing foot off its floor, of a fixed object: more fails."""
MARGIN = 0.05
"""Metres around a person in which the scene is sampled."""
SPACING = 0.004
"""Metres between samples of the scene."""
SOLE = 0.004
"""Samples this near to the floor under the person are the floor's, metres."""
GUESTS = (
    ("dining_armchair", "a woman sits in the armchair with both arms on the armrests"),
    ("cardboard_box", "carrying a heavy cardboard box in front of the body"),
)
"""Objects that a scene without loose furniture gets, and what is done with them."""


@dataclass(frozen=True)
class Options:
    """What to run."""

    scenes: Path = Path(os.environ.get("INTERACT_SCENES", "scenes"))
    """A folder of scenes with a manifest.json."""
    objects: Path = Path(os.environ.get("INTERACT_OBJECTS", "objects"))
    """A folder of objects with a manifest.json: guests for empty scenes."""
    output: Path = Path("build/benchmark-scenes")
    only: tuple[str, ...] = ()
    """Beginnings of scene ids."""
    people: int = 2
    """In each scene."""
    quality: str = "standard"
    seed: int = 0
    size: int = 360
    """Pixels of one view."""
    series: str = "4.5"
    """Of Blender's module: 4.2, 4.5 or 5.0."""
    blender: Path | None = None
    """A Python that has `bpy`; else one is set up."""
    solver: Path | None = None
    """A Python that has the solver's packages; else one is set up."""


def main(options: Options) -> None:
    """Solve in Blender, measure here, write the table."""
    manifest = options.scenes / "manifest.json"
    if not manifest.exists():
        print(f"Skipped: there is no {manifest}. Give --scenes a folder that holds one.")
        return
    torch.set_num_threads(1)
    output = fresh_folder(options.output.resolve())
    entries = json.loads(manifest.read_text(encoding="utf-8"))["scenes"]
    chosen = [one for one in entries if not options.only or one["id"].startswith(options.only)]
    spec: dict[str, Any] = {
        "seed": options.seed, "quality": options.quality, "size": options.size,
        "scenes": [spec_of(one, options, fresh_folder(output / one["id"])) for one in chosen],
    }  # fmt: skip
    (output / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    solve_in_blender(options, output)
    rows = [row for one in spec["scenes"] for row in judged(Path(one["folder"]), one["id"])]
    write_table(output / "results.csv", rows)
    for row in rows:
        print(json.dumps(row))
    bad = [row for row in rows if not row["ok"]]
    print(json.dumps({"people": len(rows), "ok": len(rows) - len(bad)}))
    if bad or len(rows) < options.people * len(chosen):
        sys.exit(1)


def spec_of(entry: dict[str, Any], options: Options, folder: Path) -> dict[str, Any]:
    """What Blender is told of one scene."""
    nodes = entry["nodes"] if isinstance(entry["nodes"], list) else []  # Else words: no names.
    known = {node["node"].split(".")[0] for node in nodes}
    tasks = [
        {"target": task["target"], "prompt": task["prompt"]}
        for task in entry["tasks"]
        if task["target"].split(".")[0] in known
    ][: options.people]
    guests: list[dict[str, str]] = []
    for name, prompt in GUESTS[: options.people - len(tasks)]:
        job = read_jobs(options.objects, (name,))[0]
        verts, faces = canonical(job)
        np.savez(folder / f"{name}.npz", verts=verts, faces=faces)
        guests.append({"name": job.name, "mesh": str(folder / f"{name}.npz")})
        tasks.append({"target": job.name, "prompt": prompt})
    path = str((options.scenes / entry["file"]).resolve())
    return {
        "id": entry["id"], "file": path, "folder": str(folder), "tasks": tasks, "guests": guests,
    }  # fmt: skip


def solve_in_blender(options: Options, output: Path) -> None:
    """One Blender and one warm solver for all scenes."""
    solver = options.solver or make_ready(solver_environment(ROOT))
    blender = options.blender or make_ready(bpy_environment(ROOT, options.series))
    settings = {
        "INTERACT_SOLVER_PYTHON": str(solver),
        "INTERACT_CACHE": str(output / "cache"),
        "BLENDER_USER_RESOURCES": str(fresh_folder(output / "profile")),
    }
    script = ROOT / "benchmarks" / "inside_scenes.py"
    words = [str(blender), str(script), str(output / "spec.json")]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(words, env={**kept, **settings}, check=False)


@dataclass(frozen=True)
class Scene:
    """What the saved file shows, Y up, metres."""

    verts: np.ndarray
    faces: np.ndarray
    owner: np.ndarray
    names: list[str]
    parents: list[str]

    def mesh(self, chosen: list[int]) -> Mesh:
        """Some of its objects as one."""
        faces = self.faces[np.isin(self.owner, chosen)]
        used, renamed = np.unique(faces, return_inverse=True)
        return Mesh(
            torch.from_numpy(self.verts[used]), torch.from_numpy(renamed.reshape(-1, 3)).long()
        )


def judged(folder: Path, name: str) -> list[dict[str, Any]]:
    """A row per person of one scene."""
    path = folder / "outcome.json"
    outcome: dict[str, Any] = {"failure": "Blender ended before this scene did."}
    if path.exists():
        outcome = json.loads(path.read_text(encoding="utf-8"))
    if "failure" in outcome:
        return [{"scene": name, "ok": False, "failure": outcome["failure"]}]
    with np.load(folder / "shown.npz") as file:
        scene = Scene(
            file["verts"], file["faces"], file["owner"], file["names"].tolist(),
            file["parents"].tolist(),
        )  # fmt: skip
    return [{"scene": name, **row_of(person, scene)} for person in outcome["people"]]


def row_of(person: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """The figures of one person; `ok` says that nothing is wrong."""
    row: dict[str, Any] = {"target": person["target"], "prompt": person["prompt"], "ok": False}
    if person["failure"]:
        return {**row, "failure": person["failure"]}
    report = person["report"]
    metrics = report["variants"][0]["metrics"]
    target, rig = person["target"], person["rig"]
    numbers = [k for k, parent in enumerate(scene.parents) if parent == rig]
    own = [k for k, n in enumerate(scene.names) if target in (n, scene.parents[k])]
    others = [k for k in range(len(scene.names)) if k not in (*numbers, *own)]
    body = scene.mesh(numbers)
    deep, where = collision(scene, body, others)
    movable = bool(report["plan"]["movable"])
    row |= {
        "collision_mm": round(1000 * deep, 2), "with": where,
        "floor_mm": round(float(metrics["floor_mm"]), 2),
        "below_floor_mm": round(below_floor(scene, body, others), 2),
        "hard_penetration_mm": round(float(metrics["hard_penetration_mm"]), 2),
        "said_mm": round(float(metrics.get("scene_penetration_mm", 0.0)), 2),
        "moved": " ".join(person["disturbed"]), "target_moved_mm": person["target_moved_mm"],
        "warnings": " | ".join(person["warnings"]),
        "cpu_s": round(sum(report["cpu_seconds"].values()), 2),
        "scene_s": report["cpu_seconds"].get("Scene", 0.0),
    }  # fmt: skip
    still = movable or row["target_moved_mm"] <= STILL
    row["ok"] = bool(
        deep * 1000 <= COLLISION and max(row["floor_mm"], row["below_floor_mm"]) <= FLOOR
        and still and not row["moved"]
    )  # fmt: skip
    return row


def collision(scene: Scene, body: Mesh, others: list[int]) -> tuple[float, str]:
    """The deepest overlap of a person with anything else, metres, both ways, and with what."""
    skin, worst, name = Surface(body), 0.0, ""
    low, high = body.low - MARGIN, body.high + MARGIN
    for k in others:
        thing = scene.mesh([k])
        meets = (thing.low < high).all() and (thing.high > low).all()
        if not bool(meets):
            continue
        deep = max(into_person(skin, body, thing), into_thing(body, thing))
        if deep > worst:
            worst, name = deep, scene.names[k]
    return worst, name


def into_person(skin: Surface, body: Mesh, thing: Mesh) -> float:
    """How deep dense samples of a thing's surface lie in the person."""
    corners = thing.verts[thing.faces]
    low, high = body.low - MARGIN, body.high + MARGIN
    near = ((corners.amin(dim=1) < high) & (corners.amax(dim=1) > low)).all(dim=-1)
    if not bool(near.any()):
        return 0.0
    fine = trimesh.remesh.subdivide_to_size(
        thing.verts.numpy(), thing.faces[near].numpy(), 0.25, max_iter=20
    )
    small = Mesh(torch.tensor(fine[0]).float(), torch.tensor(fine[1]))
    corners = small.verts[small.faces]
    near = ((corners.amin(dim=1) < high) & (corners.amax(dim=1) > low)).all(dim=-1)
    small = Mesh(small.verts, small.faces[near])
    area = float(torch.linalg.cross(*(corners[near][:, 1:] - corners[near][:, :1]).unbind(1))
                 .norm(dim=-1).sum()) / 2  # fmt: skip
    if area == 0.0:
        return 0.0
    points, normals, _ = sample_surface(
        small, int(area / SPACING**2) + 100, torch.Generator().manual_seed(0)
    )
    points = points[~((normals[:, 1].abs() > 0.9) & (points[:, 1] < body.low[1] + SOLE))]
    points = points[((points > low) & (points < high)).all(dim=-1)]
    return float((-skin.query(points)[0]).clamp(min=0).max()) if len(points) else 0.0


def into_thing(body: Mesh, thing: Mesh) -> float:
    """How deep the person's vertices lie in the closed pieces of a thing; rooms do not count."""
    whole = trimesh.Trimesh(thing.verts.numpy(), thing.faces.numpy(), process=True)
    worst = 0.0
    for piece in whole.split(only_watertight=True):
        box = torch.tensor(piece.bounds).float()
        if not bool(((box[0] < body.high) & (box[1] > body.low)).all()):
            continue
        if bool(((box[0] < body.low) & (box[1] > body.high)).all()):
            continue  # A room around the person.
        piece.fix_normals()
        solid = Surface(Mesh(torch.tensor(piece.vertices).float(), torch.tensor(piece.faces)))
        worst = max(worst, float((-solid.query(body.verts)[0]).max()))
    return worst


def below_floor(scene: Scene, body: Mesh, others: list[int]) -> float:
    """How far, millimetres, the person's lowest vertex is under the scene's floor there."""
    lowest = body.verts[body.verts[:, 1].argmin()]
    start = lowest + torch.tensor([0.0, 0.2, 0.0])
    far, face = Surface(scene.mesh(others)).cast(start[None], torch.tensor([[0.0, -1.0, 0.0]]), 0.4)
    floor = float(start[1] - far[0]) if int(face[0]) >= 0 else float(lowest[1])
    return max(0.0, 1000 * (floor - float(lowest[1])))


if __name__ == "__main__":
    main(tyro.cli(Options))
