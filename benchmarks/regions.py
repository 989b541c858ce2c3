"""Draw where the rule plans' contacts land on the objects of a folder, to be judged by eye.

    python benchmarks/regions.py --objects DIR --sheet OUT.png [--only NAME ...] [--rows 10]

DIR holds a `manifest.json` (see `benchmarks/README.md`). One row per prompt: three views of the
object, each contact in its own colour, the warnings below. The verdicts are kept in
`benchmarks/verdicts/regions.csv`.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import trimesh
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from solver.affordance import find_affordance
from solver.artefacts import Affordance, Item, Plan
from solver.render.raycast import View, frame, trace
from solver.render.shade import shade

VIEWS = ((30.0, 20.0), (120.0, 20.0), (210.0, -20.0), (0.0, 75.0))
SIZE, TEXT = 240, 64
"""Pixels of one view; of the lines below a row."""
COLOURS = (
    (0.90, 0.15, 0.15), (0.15, 0.45, 0.95), (0.10, 0.70, 0.25), (0.95, 0.65, 0.05),
    (0.65, 0.20, 0.85), (0.05, 0.75, 0.80), (0.95, 0.40, 0.70), (0.45, 0.30, 0.10),
)  # fmt: skip
PAPER = (0.74, 0.74, 0.78)


def paint(item: Item, affordance: Affordance, view: View, size: int) -> Image.Image:
    """The object in grey with every target in its colour, grips as lines."""
    picture = trace(item.surface, item.mesh, view, size)
    near = torch.cdist(item.points[:500], item.points).topk(2, largest=False).values[:, 1].mean()
    from scipy.spatial import cKDTree

    where = picture.position.reshape(-1, 3).numpy()
    distance, index = cKDTree(item.points.numpy()).query(where)
    index = torch.from_numpy(np.minimum(index, len(item.points) - 1))
    close = torch.from_numpy(distance < 8 * float(near))
    close &= (item.normals[index] * picture.normal.reshape(-1, 3)).sum(dim=-1) > 0.2
    colour = torch.tensor(PAPER).expand(size * size, 3).clone()
    for number, target in enumerate(affordance.targets):
        strength = target.probability / target.probability.max().clamp(min=1e-12)
        share = (strength[index].sqrt() * close)[:, None]
        ink = torch.tensor(COLOURS[number % len(COLOURS)])
        colour = colour * (1 - 0.9 * share) + 0.9 * share * ink
    lit = shade(picture, item.surface, colour.view(size, size, 3), view.radius)
    return Image.fromarray(lit.numpy())


def row(item: Item, plan: Plan, affordance: Affordance, seconds: float) -> Image.Image:
    """One job: its views, its legend, its warnings."""
    image = Image.new("RGB", (SIZE * len(VIEWS), SIZE + TEXT), "white")
    for number, (yaw, pitch) in enumerate(VIEWS):
        view = frame(item.mesh, yaw, pitch, 1.0)
        image.paste(paint(item, affordance, view, SIZE), (number * SIZE, 0))
    pen = ImageDraw.Draw(image)
    pen.text((4, SIZE + 2), f"{item.name}: {plan.prompt}"[:120], fill="black")
    head = f"{plan.posture}/{plan.relation}/{plan.facing} {seconds:.1f} s"
    pen.text((4, SIZE + 14), head, fill="grey")
    left = 8 + 6 * len(head)
    for number, target in enumerate(affordance.targets):
        ink = tuple(int(255 * c) for c in COLOURS[number % len(COLOURS)])
        word = f"{target.contact.part}>{target.contact.region} {target.confidence:.1f}"
        pen.text((left, SIZE + 14), word, fill=ink)
        left += 6 * len(word) + 10
    for number, grip in enumerate(affordance.grips):
        c, a = ([round(float(x), 2) for x in v] for v in (grip.centre, grip.axis))
        text = f"grip {grip.part} c {c} a {a} r {grip.radius:.3f} l {grip.length:.2f}"
        pen.text((4 + 430 * number, SIZE + 27), text, fill="black")
    for number, warning in enumerate(affordance.warnings[:2]):
        pen.text((4, SIZE + 39 + 11 * number), warning[:150], fill="red")
    return image


def sheet(rows: list[Image.Image], columns: int = 2) -> Image.Image:
    """Rows side by side."""
    width, height = rows[0].size
    whole = Image.new("RGB", (width * columns, height * -(-len(rows) // columns)), "white")
    for number, image in enumerate(rows):
        whole.paste(image, (number % columns * width, number // columns * height))
    return whole


def run(item: Item, plan: Plan) -> tuple[Affordance, float]:
    """The regions and the processor seconds that they took."""
    start = time.process_time()
    affordance = find_affordance(item, plan, plan.subject.height or 1.7)
    return affordance, time.process_time() - start
