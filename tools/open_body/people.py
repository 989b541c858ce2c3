"""Step 1: sample people from anny, in its own rest pose, frame and topology.

`python people.py OUT.npz` writes vertices, bone heads and what they are for every person. anny's
`smpl` and `smplx` topologies wrap non-commercial data and are never touched.
"""

import sys

import anny
import numpy as np
import torch
from anny.shape_distribution import SimpleShapeDistribution

GROUPS = {"adult": (18.0, 65.0, 420), "old": (65.0, 90.0, 160), "child": (2.0, 18.0, 280)}
"""Years from, years to, how many: every fifth is kept back to measure the shape space."""

CHILDREN = (
    (2, 0.09, 0.10, 1.38), (4, 0.15, 0.20, 1.27), (6, 0.205, 0.25, 1.22), (9, 0.29, 0.30, 1.16),
    (12, 0.38, 0.35, 1.13), (14, 0.46, 0.37, 1.11), (16, 0.56, 0.38, 1.06), (18, 0.6767, 0.39, 1.0),
)  # fmt: skip
"""Years, anny's age and height, and how much larger the whole child is made: then its head is as
large for its stature as a child's is: a sixth at 6 years. Calibrated by height alone, as in anny,
they have the heads and faces of small adults."""

AGES = (*(row[:2] for row in CHILDREN), (25, 0.70), (90, 1.0))
"""Years and anny's age; of adults evenly to its oldest."""

FAT = 0.25
"""Share of people with much weight and little muscle: so anny makes a body mass index over 30. The
heaviest go a fifth beyond its range."""

LEAN = ((13, 0.22), (18, 0.0))
"""Years and how much lighter than anny's average, of its range: children have a body mass index
of 16."""

FRAIL = ((65, 0.0), (72, 0.25))
"""Years and how much muscle is lost, of anny's range."""

FLAT = ((11, -0.5), (16, 0.0))
"""Years and how much smaller the cup is than anny's average, which gives every girl a bust."""

SEED = 0


def spread(middle: torch.Tensor, sigma: float, generator: torch.Generator) -> torch.Tensor:
    """Normal around `middle`, inside anny's range."""
    noise = torch.randn(len(middle), generator=generator, dtype=torch.float64)
    return (middle + sigma * noise).clamp(0.02, 0.98)


def middle_height(people: SimpleShapeDistribution, age: torch.Tensor, sex: torch.Tensor):
    """Anny's calibrated mean of its height parameter; `sex` 1 is male, anny's gender 0."""
    means = []
    for kind in ("girls", "boys"):
        part = getattr(people, f"{kind}_conditional_height_distribution")
        means.append(part.get_torch_distribution(age).mean)
    return means[0] * (1 - sex) + means[1] * sex


def phenotypes(model: anny.Anny) -> tuple[dict[str, torch.Tensor], torch.Tensor, np.ndarray]:
    """Parameters of everybody, years, and the name of each one's group."""
    generator = torch.Generator().manual_seed(SEED)
    people = SimpleShapeDistribution(model)
    uniform = lambda n: torch.rand(n, generator=generator, dtype=torch.float64)  # noqa: E731
    years, group = [], []
    for name, (low, high, count) in GROUPS.items():
        years.append(low + (high - low) * uniform(count))
        group += [name] * count
    years = torch.cat(years)
    sex = uniform(len(years))
    sex = torch.where(sex < 0.4, sex * 0.2, torch.where(sex > 0.6, 1 - (1 - sex) * 0.2, sex))
    at = lambda table: torch.from_numpy(np.interp(years, *zip(*table, strict=True)))  # noqa: E731
    age = at(AGES)
    half = torch.full_like(age, 0.5)
    muscle, weight = spread(half, 0.18, generator), spread(half, 0.24, generator)
    fat = uniform(len(years)) < FAT
    child = torch.from_numpy(np.array(group) == "child")
    middle = middle_height(people, age, sex)
    middle = torch.where(child, at([(row[0], row[2]) for row in CHILDREN]), middle)
    values = {
        "gender": 1 - sex,
        "age": age,
        "muscle": torch.where(fat, 0.35 * uniform(len(years)), muscle),
        "weight": torch.where(fat, 0.7 + 0.5 * uniform(len(years)), weight),
        "height": spread(middle, 0.085, generator),
        "proportions": spread(half, 0.15, generator),
        "cupsize": half + at(FLAT),
    }
    frail = (values["muscle"] - at(FRAIL)).clamp(min=0.02)
    values["muscle"] = torch.where(at(FRAIL) > 0, frail, values["muscle"])
    values["weight"] = values["weight"] - at(LEAN)
    return values, years, np.array(group)


def main(out: str) -> None:
    """Sample and write."""
    torch.set_num_threads(1)
    model = anny.Anny(
        rig="anny", topology="anny", pose_parameterization="local-ref", extrapolate_phenotypes=True,
        phenotypes="all",
    )  # fmt: skip
    values, years, group = phenotypes(model)
    verts, heads = [], []
    with torch.no_grad():
        for chunk in torch.arange(len(years)).split(16):
            shaped = model(phenotype_kwargs={k: v[chunk] for k, v in values.items()})
            verts.append(shaped["rest_vertices"].float())
            heads.append(shaped["rest_bone_heads"].float())
    scale = np.interp(years, [row[0] for row in CHILDREN], [row[3] for row in CHILDREN])
    scale = torch.from_numpy(scale).float()[:, None, None]
    verts, heads = torch.cat(verts) * scale, torch.cat(heads) * scale
    height = (verts[..., 2].amax(1) - verts[..., 2].amin(1)).numpy()
    for name in GROUPS:
        print(name, "heights", np.percentile(height[group == name], [0, 10, 50, 90, 100]).round(2))
    np.savez(
        out,
        verts=verts.numpy(), heads=heads.numpy(), years=years.numpy(), group=group,
        sex=1 - values["gender"].numpy(), anny_age=values["age"].numpy(),
        bones=np.array(model.bone_labels), faces=model.get_triangular_faces().numpy(),
        weights=model.vertex_bone_weights.numpy(), weight_bones=model.vertex_bone_indices.numpy(),
        uv=model.texture_coordinates.numpy(),
        uv_faces=model.face_texture_coordinate_indices.numpy(),
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
