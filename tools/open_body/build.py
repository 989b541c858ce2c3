"""Build `solver/body/data/open_body.npz` from the people that `people.py` sampled.

`python build.py PEOPLE.npz OUT.npz`. Everything is seeded: the same anny gives the same file.
"""

import sys

import numpy as np
from decimate import Projection, collapse, magnified, straighten, texture, transfer
from dress import edges, materials
from landmarks import permutation
from skeleton import JOINTS, PARENTS
from space import (
    AGES,
    DENSITY,
    Space,
    features,
    fit_betas,
    fit_map,
    rebuild,
    regressor,
    shape_space,
    volumes,
)  # fmt: skip
from tpose import People, read, to_tpose, top_four


def main(people_file: str, out: str) -> None:
    """Build and write."""
    with np.load(people_file, allow_pickle=False) as file:
        raw = {key: file[key] for key in file.files}
    people, faces = to_tpose(read(raw)), raw["faces"]
    kept = np.arange(len(people.verts)) % 5 != 0
    adult = raw["group"] == "adult"
    space, betas = shape_space(people.verts[kept], people.joints[kept], adult[kept])
    report(space, people, raw["group"], kept)
    mapping = phenotype_map(people, faces, raw, kept, betas)
    body = coarse_body(space, people, faces, raw)
    np.savez_compressed(out, **body, **mapping, name=np.array("open-smplh"))
    print({key: value.shape for key, value in body.items()})


def report(space: Space, people: People, group: np.ndarray, kept: np.ndarray) -> None:
    """How well people that were kept back fit into the space, per group, millimetres."""
    for name in np.unique(group):
        test = people.verts[~kept & (group == name)]
        error = np.linalg.norm(rebuild(space, fit_betas(space, test)) - test, axis=-1) * 1000
        print(f"held-out {name}: mean {error.mean():.2f}, p95 {np.percentile(error, 95):.2f}, "
              f"max {error.max():.1f} mm")  # fmt: skip


def phenotype_map(
    people: People,
    faces: np.ndarray,
    raw: dict[str, np.ndarray],
    kept: np.ndarray,
    betas: np.ndarray,
) -> dict[str, np.ndarray]:
    """Coefficients from sex, years, height and mass to betas."""
    height = np.ptp(people.verts[..., 1], axis=1)
    mass = DENSITY * volumes(people.verts, faces)
    inputs = features(raw["sex"], raw["years"], height, mass)
    coefficients = fit_map(inputs[kept], betas)
    left = betas - inputs[kept] @ coefficients
    print("map R2:", np.round(1 - left.var(axis=0) / betas.var(axis=0), 3).tolist())
    for name in np.unique(raw["group"]):
        part = raw["group"] == name
        index = mass[part] / height[part] ** 2
        print(name, "body mass index:", np.percentile(index, [0, 2, 50, 98, 100]).round(1).tolist())
    return {
        "phenotype": coefficients.astype(np.float32),
        "phenotype_ages": np.array(AGES, np.float32),
        "density": np.float32(DENSITY),
    }


def coarse_body(
    space: Space, people: People, faces: np.ndarray, raw: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The body of 6,890 vertices in SMPL-H's keys."""
    large = magnified(space, people.weights)
    coarse, triangles = collapse(large, faces)
    at = Projection(large, faces)(coarse)
    verts, weights = transfer(space.mean, faces, at), transfer(people.weights, faces, at)
    cuts = edges(space.joints, verts, weights)
    fine = Projection(space.mean, faces)
    at = fine(straighten(verts, triangles, weights, cuts.values()))
    verts, weights = transfer(space.mean, faces, at), transfer(people.weights, faces, at)
    order = permutation(verts, space.joints, weights)
    new = np.argsort(order)
    verts, weights = verts[order], top_four(weights[order])
    dirs = transfer(space.dirs, faces, at)[order]
    triangles = new[triangles]
    uv = texture(verts, triangles, fine, raw["uv"], raw["uv_faces"])
    hands = {f"hands_mean{s}": np.zeros(45, np.float32) for s in "lr"}
    hands |= {f"hands_components{s}": np.eye(45, dtype=np.float32) for s in "lr"}
    return {
        "v_template": verts.astype(np.float32),
        "shapedirs": dirs.astype(np.float32),
        "posedirs": np.zeros((len(verts), 3, 459), np.float32),
        "J_regressor": regressor(space, verts, dirs).astype(np.float32),
        "weights": weights.astype(np.float32),
        "kintree_table": np.stack(
            [np.where(PARENTS < 0, 2**32 - 1, PARENTS), np.arange(len(JOINTS))]
        ),
        "f": triangles.astype(np.uint32),
        "uvs": uv.astype(np.float16),
        "materials": materials(verts, triangles, weights, cuts),
        **hands,
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
