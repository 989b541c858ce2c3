"""How well intake reads raw object files: unit, up axis, front, time and memory.

    python benchmarks/intake.py --objects DIR [--json FILE] [--sheet FILE.png] [--only NAME ...]

DIR holds a `manifest.json` that names each file and the transform to its canonical frame. Each file
is taken in twice: raw, with no hint, and canonical, with placement kept. Up axis, unit and front
are compared with the manifest's; a wrong or unsure one counts as said where a warning mentions it.
"""

import argparse
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from solver.artefacts import Item
from solver.geometry.surface import Surface
from solver.intake import Hints, take_in
from solver.plan.lexicon import expected_object

NO_FRONT = {"none", "handle"}
"""Cues of things whose front is a convention: a hammer, a ball, a pan with its handle anywhere."""


@dataclass(frozen=True)
class Row:
    """One object."""

    name: str
    faces: int
    up: bool
    """The raw file's up axis was found, or the object looks alike."""
    scale: float
    """Metres found over metres true."""
    said: bool
    """A warning mentions the unit, the size or the up axis."""
    front: float | None
    """Degrees off, None where the object has no front."""
    confidence: float
    raw_seconds: float
    """CPU time of the whole intake."""
    kept_seconds: float
    moved: float
    """Millimetres between canonical vertices and the item taken in with its placement kept."""
    kept_front: float | None
    warnings: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Up axis and unit are right, or the doubt was said."""
        return (self.up and abs(np.log(self.scale)) < np.log(1.1)) or self.said


def main() -> None:
    """Measure, print a table, write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--only", nargs="*")
    args = parser.parse_args()
    manifest = args.objects / "manifest.json"
    if not manifest.exists():
        print(f"{manifest} does not exist: nothing to measure.")
        return
    torch.set_num_threads(1)
    rows, pictures = [], []
    for entry in json.loads(manifest.read_text())["objects"]:
        if args.only and entry["id"] not in args.only:
            continue
        row, item = measure(args.objects, entry)
        rows.append(row)
        pictures.append((row, item))
        print(_line(row), flush=True)
    print(summary(rows))
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    if args.sheet:
        contact_sheet(pictures, args.sheet)


def measure(folder: Path, entry: dict) -> tuple[Row, Item]:
    """Take one object in, raw and canonical."""
    verts, faces = load(folder / entry["file"])
    T = np.array(entry["file_to_canonical"])
    prior = expected_object("", entry["id"])
    raw, raw_seconds = _timed(verts, faces, entry["id"], Hints("estimate"))
    canonical = verts @ T[:3, :3].T + T[:3, 3]
    kept, kept_seconds = _timed(canonical, faces, entry["id"], Hints("keep"))
    off = raw.T_object_source.double().numpy() @ np.linalg.inv(T)
    scale = float(np.cbrt(abs(np.linalg.det(off[:3, :3]))))
    turn = off[:3, :3] / scale
    world = kept.T_object_source.double().numpy()
    placed = torch.tensor(canonical @ world[:3, :3].T + world[:3, 3], dtype=torch.float32)
    has_front = prior.front not in NO_FRONT or prior.category in {"ladder", "stairs"}
    has_front &= not _alike(kept, np.diag([-1.0, 1.0, -1.0]))
    doubts = ("unit", "large for", "small for", "way up")
    row = Row(
        name=entry["id"],
        faces=len(faces),
        up=bool(turn[1, 1] > 0.9 or _alike(kept, turn)),
        scale=scale,
        said=any(doubt in words for words in raw.warnings for doubt in doubts),
        front=_degrees(turn[2, 2]) if has_front else None,
        confidence=raw.front_confidence,
        raw_seconds=raw_seconds,
        kept_seconds=kept_seconds,
        moved=1000 * float(kept.surface.nearest(placed)[0].max()),
        kept_front=_degrees(world[2, 2]) if has_front else None,
        warnings=raw.warnings,
    )
    return row, raw


def load(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All triangles of a file, in the file's own axes and unit."""
    scene = trimesh.load(path, process=False)
    mesh = scene.to_geometry() if isinstance(scene, trimesh.Scene) else scene
    return np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces, dtype=np.int64)


def summary(rows: list[Row]) -> str:
    """The numbers to compare between versions."""
    fronts = [row.front for row in rows if row.front is not None]
    kept = [row.kept_front for row in rows if row.kept_front is not None]
    small = [row.raw_seconds for row in rows if row.faces <= 50_000]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"up and unit right or said: {sum(row.right for row in rows)} of {len(rows)} "
        f"(up right {sum(row.up for row in rows)}, unit within 10 % "
        f"{sum(abs(np.log(row.scale)) < np.log(1.1) for row in rows)})\n"
        f"front within 45 degrees: raw {sum(f < 45 for f in fronts)} of {len(fronts)}, "
        f"canonical {sum(f < 45 for f in kept)} of {len(kept)}\n"
        f"largest move of a kept vertex: {max(row.moved for row in rows):.3f} mm\n"
        f"CPU seconds: median {np.median([row.raw_seconds for row in rows]):.2f}, up to 50k faces "
        f"at most {max(small, default=0):.2f}, all at most {max(r.raw_seconds for r in rows):.2f}; "
        f"peak memory {peak:.0f} MB"
    )


def contact_sheet(pictures: list[tuple[Row, Item]], path: Path, side: int = 220) -> None:
    """One shaded picture per object as it was read, with an arrow to its front."""
    columns = 7
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + 14)), "white")
    pen = ImageDraw.Draw(sheet)
    for k, (row, item) in enumerate(pictures):
        x, y = k % columns * side, k // columns * (side + 14)
        sheet.paste(_picture(item, side), (x, y + 14))
        pen.text((x + 3, y + 1), f"{row.name} {item.mesh.extent[1]:.2f} m high", fill=(0, 0, 0))
    sheet.save(path)


def _picture(item: Item, side: int) -> Image.Image:
    mesh = item.mesh
    toward = torch.nn.functional.normalize(torch.tensor([0.5, 0.4, 0.75]), dim=0)
    right = torch.nn.functional.normalize(torch.tensor([0.75, 0.0, -0.5]), dim=0)
    up = torch.linalg.cross(toward, right)
    middle, radius = (mesh.low + mesh.high) / 2, float(mesh.extent.norm()) * 0.52
    ticks = torch.linspace(-1, 1, side) * radius
    origin = middle + toward * 3 * radius - ticks[:, None, None] * up + ticks[None, :, None] * right
    _, face = Surface(mesh).cast(origin, (-toward).expand(side, side, 3))
    corners = mesh.verts[mesh.faces[face.clamp(min=0)]]
    normal = torch.linalg.cross(
        corners[..., 1, :] - corners[..., 0, :], corners[..., 2, :] - corners[..., 0, :]
    )
    light = torch.nn.functional.normalize(normal, dim=-1) @ toward
    shade = (0.25 + 0.6 * light.abs())[..., None] * torch.tensor([1.0, 1.0, 1.05])
    shade = torch.where((light < 0)[..., None], shade * torch.tensor([1.0, 0.5, 0.5]), shade)
    image = torch.where((face >= 0)[..., None], shade, torch.tensor(0.95))
    picture = Image.fromarray((image.clamp(0, 1).numpy() * 255).astype(np.uint8))
    start = torch.stack([middle[0], mesh.low[1], mesh.high[2]])
    ends = []
    for point in (start, start + torch.tensor([0.0, 0.0, 0.35 * radius])):
        away = (point - middle) / radius
        ends.append((float(away @ right + 1) * side / 2, float(1 - away @ up) * side / 2))
    ImageDraw.Draw(picture).line(ends, fill=(200, 0, 0), width=3)
    return picture


def _timed(verts: NDArray, faces: NDArray, name: str, hints: Hints) -> tuple[Item, float]:
    start = time.process_time()
    item = take_in(verts, faces, name, expected_object("", name), hints)
    return item, time.process_time() - start


def _alike(item: Item, turn: NDArray[np.float64]) -> bool:
    """Whether an item turned about its middle looks like itself, to 1.5 % of its size."""
    middle = (item.mesh.low + item.mesh.high) / 2
    turned = (item.points - middle) @ torch.tensor(turn, dtype=torch.float32).T + middle
    return float(item.surface.nearest(turned)[0].mean()) < 0.004 * float(item.mesh.extent.norm())


def _degrees(cosine: float) -> float:
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _line(row: Row) -> str:
    front = "  -" if row.front is None else f"{row.front:3.0f}"
    kept = "  -" if row.kept_front is None else f"{row.kept_front:3.0f}"
    return (
        f"{row.name:18} {row.faces:7} faces  {'ok ' if row.right else 'BAD'} "
        f"up {'ok ' if row.up else 'bad'} unit x{row.scale:5.2f}  front {front} kept {kept} deg "
        f"({row.confidence:.2f})  moved {row.moved:.3f} mm  CPU {row.raw_seconds:5.2f} s "
        f"{len(row.warnings)} warnings"
    )


if __name__ == "__main__":
    main()
