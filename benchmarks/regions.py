"""Draw where the rule plans' contacts land on the objects of a folder, to be judged by eye.

    python benchmarks/regions.py --objects DIR --sheet OUT.png [--only NAME ...]

DIR holds a `manifest.json` (see `benchmarks/manifest.py`). One row per prompt: four views of the
object, each contact in its own colour, the warnings below; ten rows a picture (OUT-0.png, ...).
The verdicts of whoever looked are kept in `benchmarks/verdicts/regions.csv`.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from manifest import Job, canonical, read_jobs  # noqa: E402

from solver.affordance import find_affordance  # noqa: E402
from solver.artefacts import Affordance, Item, Plan  # noqa: E402
from solver.errors import SolverError  # noqa: E402
from solver.intake import Hints, take_in  # noqa: E402
from solver.plan import expected_object, make_plan  # noqa: E402
from solver.render.maps import VIEWS, paint  # noqa: E402
from solver.render.raycast import View, frame  # noqa: E402
from solver.render.shade import save  # noqa: E402

SIZE, TEXT = 240, 64
"""Pixels of one view; of the lines below a row."""
COLOURS = (
    (0.90, 0.15, 0.15), (0.15, 0.45, 0.95), (0.10, 0.70, 0.25), (0.95, 0.65, 0.05),
    (0.65, 0.20, 0.85), (0.05, 0.75, 0.80), (0.95, 0.40, 0.70), (0.45, 0.30, 0.10),
)  # fmt: skip


def painted(item: Item, affordance: Affordance, view: View, size: int) -> Image.Image:
    """The object in grey with every target in its colour."""
    layers = [
        (target.probability, COLOURS[number % len(COLOURS)])
        for number, target in enumerate(affordance.targets)
    ]
    return paint(item.mesh, item.surface, item.points, item.normals, layers, view, size)


def row(item: Item, plan: Plan, affordance: Affordance, seconds: float) -> Image.Image:
    """One job: its views, its legend, its warnings."""
    image = Image.new("RGB", (SIZE * len(VIEWS), SIZE + TEXT), "white")
    for number, (yaw, pitch) in enumerate(VIEWS):
        view = frame(item.mesh, yaw, pitch, 1.0)
        image.paste(painted(item, affordance, view, SIZE), (number * SIZE, 0))
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


def sheets(rows: list[Image.Image], path: Path, columns: int = 2, each: int = 10) -> None:
    """Write the rows side by side, `each` per picture."""
    width, height = rows[0].size
    for first in range(0, len(rows), each):
        some = rows[first : first + each]
        whole = Image.new("RGB", (width * columns, height * -(-len(some) // columns)), "white")
        for number, image in enumerate(some):
            whole.paste(image, (number % columns * width, number // columns * height))
        save(whole, path.with_stem(f"{path.stem}-{first // each}"))


def regions(job: Job, item: Item | None) -> tuple[Item, Plan, Affordance, float]:
    """Take in (unless done), plan and find; the processor seconds of the finding."""
    if item is None:
        verts, faces = canonical(job)
        hints = Hints(placement="keep", front="+z")
        item = take_in(verts, faces, job.name, expected_object(job.prompt, job.name), hints)
    plan = make_plan(job.prompt, job.name, tuple(item.mesh.extent.tolist()))
    start = time.process_time()
    affordance = find_affordance(item, plan, plan.subject.height or 1.7)
    return item, plan, affordance, time.process_time() - start


def main() -> None:
    """Draw all jobs of a folder and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=Path, default=os.environ.get("INTERACT_OBJECTS", "."))
    parser.add_argument("--sheet", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows, item, before = [], None, ""
    for job in read_jobs(Path(given.objects), tuple(given.only)):
        try:
            item, plan, affordance, seconds = regions(job, item if before == job.name else None)
        except SolverError as error:
            print(f"{job.id}: {error} {error.remedy}")
            continue
        before = job.name
        rows.append(row(item, plan, affordance, seconds))
        found = " ".join(
            f"{t.contact.part}>{t.contact.region}={t.confidence:.1f}" for t in affordance.targets
        )
        print(f"{job.id}: {seconds:.2f} s {found} {'; '.join(affordance.warnings)}")
    if rows:
        sheets(rows, given.sheet)


if __name__ == "__main__":
    main()
