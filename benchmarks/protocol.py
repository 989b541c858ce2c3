"""The paper's protocol with our solver: ten categories, five sentences each, four random views.

    python benchmarks/protocol.py --meshes DIR [--output DIR] [--only car ...]

The meshes are the user's: DIR holds `ID.glb` (or obj, ply, stl, off, gltf), or a folder `ID` with
such a file in it, for the ids of `benchmarks/protocol.json`; what is missing is named and left out.
Unit, up and front are estimated, unless `DIR/frames.json` gives them:

    {"car": {"up": "+z", "metres": 0.01, "front": "+x"}}

`up` and `front` are axes of the file. Writes a job's folder and a strip of random views per
sentence, and `results.csv`. `--systems ours=OUTPUT/jobs` then hands them to `clip_score.py`,
`vlm_choice.py` and `sheet.py`.
"""

import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
import tyro
from manifest import load_mesh
from PIL import Image
from run import write_table
from systems import FORMATS, UPS, read_scene
from views import random_pictures

from solver.bounds import Front, Quality
from solver.errors import SolverError
from solver.pipeline import solve
from solver.render.shade import save
from solver.warm import warm_up

MANIFEST = Path(__file__).resolve().parent / "protocol.json"
FRONTS: tuple[str, ...] = get_args(Front)
Solve = Callable[[Path, Callable[[str, float], None]], None]


@dataclass(frozen=True)
class Options:
    """What to run."""

    meshes: Path = Path(os.environ.get("INTERACT_PROTOCOL_MESHES", "meshes"))
    """A folder with a mesh per category."""
    output: Path = Path("build/protocol")
    manifest: Path = MANIFEST
    """Categories and sentences."""
    only: tuple[str, ...] = ()
    """Categories or job ids, or their beginnings."""
    quality: Quality = "standard"
    seed: int = 0
    views: int = 4
    size: int = 448
    """Pixels of one view."""


@dataclass(frozen=True)
class Category:
    """A kind of object and what people do with it."""

    id: str
    name: str
    origin: str
    """Where the paper has its mesh from."""
    prompts: tuple[str, ...]
    mesh: Path | None
    """The user's; None where there is none."""
    frame: dict[str, Any]
    """What `frames.json` says of it."""

    @property
    def jobs(self) -> dict[str, str]:
        """Job id -> sentence."""
        return {f"{self.id}-{k}": words for k, words in enumerate(self.prompts, start=1)}


def main(options: Options, solver: Solve = solve) -> None:
    """Solve every sentence of every category that has a mesh."""
    categories = read_categories(options.manifest, options.meshes)
    for category in categories:
        if category.mesh is None:
            print(f"Left out: {category.name} ({category.origin}): {wanted(category.id)}.")
    found = [category for category in categories if category.mesh]
    if not found:
        raise SolverError(
            f"{options.meshes} holds no mesh of any category.",
            remedy="Give --meshes a folder with the meshes; see the list above for their names.",
        )
    torch.set_num_threads(1)
    rows = [
        done(category, job, prompt, options, solver)
        for category in found
        for job, prompt in category.jobs.items()
        if not options.only or job.startswith(options.only)
    ]
    write_table(options.output / "results.csv", rows)
    failures = [f"{row['job']}: {row['failure']}" for row in rows if row.get("failure")]
    report = {
        "categories": len(found), "left_out": [c.id for c in categories if not c.mesh],
        "jobs": len(rows), "results": len(rows) - len(failures), "failures": failures,
    }  # fmt: skip
    print(json.dumps(report, indent=1))
    if failures:
        sys.exit(1)


def read_categories(manifest: Path, meshes: Path) -> list[Category]:
    """The protocol, with the user's meshes.

    Raises:
        SolverError: When `frames.json` cannot be understood.
    """
    path = meshes / "frames.json"
    frames: dict[str, Any] = {}
    rows = json.loads(manifest.read_text(encoding="utf-8"))["categories"]
    try:
        frames = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if unknown := set(frames) - {row["id"] for row in rows}:
            raise ValueError(f"no category is called {', '.join(sorted(unknown))}")
        for frame in frames.values():
            _check_frame(frame)
    except (ValueError, TypeError, AttributeError) as error:
        raise SolverError(
            f"{path} cannot be understood: {error}",
            remedy='Write {"car": {"up": "+z", "metres": 0.01, "front": "+x"}}.',
        ) from error
    return [
        Category(
            **{**row, "prompts": tuple(row["prompts"])},
            mesh=find_mesh(meshes, row["id"]), frame=frames.get(row["id"], {}),
        )
        for row in rows
    ]  # fmt: skip


def _check_frame(frame: dict[str, Any]) -> None:
    """Refuse what would be overlooked in silence."""
    if unknown := set(frame) - {"up", "metres", "front"}:
        raise ValueError(f"nothing is known of {', '.join(sorted(unknown))}")
    if frame.get("up", "+y") not in UPS or frame.get("front", "auto") not in FRONTS:
        raise ValueError(f"up and front are axes such as {', '.join(UPS)}, not {frame}")
    if not float(frame.get("metres", 1.0)) > 0:
        raise ValueError(f"metres is the length of one unit, not {frame['metres']}")


def find_mesh(folder: Path, name: str) -> Path | None:
    """`name.glb` or the like; else the first such file in a folder of that name."""
    direct = [folder / f"{name}.{suffix}" for suffix in FORMATS]
    inside = sorted(p for p in (folder / name).glob("*") if p.suffix.lower()[1:] in FORMATS)
    return next((path for path in (*direct, *inside) if path.is_file()), None)


def wanted(name: str) -> str:
    """In words: what would be its mesh."""
    return f"no {name}.{'|'.join(FORMATS)}, no mesh in {name}/"


def done(
    category: Category, job: str, prompt: str, options: Options, solver: Solve
) -> dict[str, Any]:
    """Solve one sentence and draw it; the row of the table."""
    folder = options.output / "jobs" / job
    row: dict[str, Any] = {"job": job, "category": category.id, "prompt": prompt}
    begun = time.process_time()
    try:
        write_job(category, prompt, folder, options)
        solver(folder, lambda stage, fraction: None)
        row["cpu_s"] = round(time.process_time() - begun, 2)
        scene = read_scene(folder)
        views = random_pictures(scene, job, views=options.views, size=options.size)
        save(strip(views), options.output / "pictures" / f"{job}.png")
    except SolverError as error:
        return {**row, "failure": f"{error} {error.remedy}"}
    except Exception as error:
        traceback.print_exc()
        return {**row, "failure": repr(error)}
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    print(f"{job:24s} {row['cpu_s']:6.1f} s", flush=True)
    metrics = {name: round(value, 4) for name, value in report["variants"][0]["metrics"].items()}
    return {**row, **metrics, "warnings": "; ".join(report["warnings"])}


def write_job(category: Category, prompt: str, folder: Path, options: Options) -> None:
    """The request and the mesh; what an earlier run left there is removed.

    Raises:
        SolverError: When the mesh cannot be read.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        verts, faces = load_mesh(category.mesh or Path())
    except Exception as error:  # What a broken file makes a reader raise is of any type.
        raise SolverError(
            f"No mesh can be read from {category.mesh}: {error}",
            remedy="Export it again as GLB or OBJ.",
        ) from error
    turn = UPS[category.frame.get("up", "+y")]
    verts = float(category.frame.get("metres", 1.0)) * verts @ turn.T
    known = {"up", "metres"} <= set(category.frame)
    np.savez(folder / "object.npz", verts=verts.astype(np.float32), faces=faces.astype(np.int32))
    request = {
        "prompt": prompt, "object_name": category.name, "quality": options.quality,
        "seed": options.seed, "placement": "keep" if known else "estimate",
        "front": turned_front(category.frame),
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")


def turned_front(frame: dict[str, Any]) -> str:
    """The front as an axis of the Y-up vertices that the solver gets."""
    front = frame.get("front", "auto")
    if front == "auto":
        return front
    axis = np.zeros(3)
    axis["xyz".index(front[1])] = 1.0 if front[0] == "+" else -1.0
    turned = UPS[frame.get("up", "+y")] @ axis
    k = int(np.abs(turned).argmax())
    return ("+" if turned[k] > 0 else "-") + "xyz"[k]


def strip(pictures: list[Image.Image]) -> Image.Image:
    """Pictures of one height next to each other."""
    whole = Image.new("RGB", (sum(p.width for p in pictures), pictures[0].height))
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width
    return whole


if __name__ == "__main__":
    warm_up()
    try:
        main(tyro.cli(Options))
    except SolverError as error:
        sys.exit(f"{error} {error.remedy}")
