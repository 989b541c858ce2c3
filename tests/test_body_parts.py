"""Parts: complete, symmetric, where anatomy says, and sampled by area."""

import pytest
import torch

from solver.artefacts import Subject
from solver.body import betas_for, load_body, shape_body
from solver.body.looks import materials, texture_coordinates
from solver.body.parts import part_vertices, plan_part
from solver.geometry.mesh import area_vectors
from solver.vocabulary import PARTS

BODY = shape_body(load_body())
LABELS = part_vertices(BODY)


def test_every_vertex_has_a_part_and_every_part_has_vertices() -> None:
    covered = torch.zeros(len(BODY.verts), dtype=torch.bool)
    for vertices in LABELS.values():
        covered[vertices] = True
    assert covered.all()
    assert min(len(vertices) for vertices in LABELS.values()) >= 8


def test_every_part_of_the_vocabulary_has_a_mask() -> None:
    for part in PARTS:
        for posture in ("sit", "lie"):
            assert plan_part(part, posture) in LABELS  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", sorted(n[5:] for n in LABELS if n.startswith("left_")))
def test_left_and_right_are_mirror_images(name: str) -> None:
    left, right = LABELS[f"left_{name}"], LABELS[f"right_{name}"]
    areas = BODY.areas[left].sum(), BODY.areas[right].sum()
    assert float(areas[0] / areas[1]) == pytest.approx(1, abs=0.25)
    middle = [
        (BODY.verts[v] * BODY.areas[v, None]).sum(0) / BODY.areas[v].sum() for v in (left, right)
    ]
    assert (middle[0] * torch.tensor([-1.0, 1, 1]) - middle[1]).norm() < 0.012


def test_normals_face_where_the_names_say() -> None:
    def facing(name: str) -> torch.Tensor:
        vertices = LABELS[name]
        mean = (BODY.normals[vertices] * BODY.areas[vertices, None]).sum(dim=0)
        return mean / BODY.areas[vertices].sum()

    for name in ("left_palm", "left_sole", "sit_bones", "left_pads"):
        assert facing(name)[1] < -0.4, name
    for name in ("upper_back", "left_calf", "left_thigh_back", "head_back", "nape", "left_buttock"):
        assert facing(name)[2] < -0.4, name
    for name in ("chest", "belly", "face", "left_shin", "lap", "mouth"):
        assert facing(name)[2] > 0.4, name
    assert facing("left_thigh_inner")[0] < -0.6
    assert facing("left_instep")[1] > 0.3


def test_areas_are_those_of_a_person() -> None:
    """Palm and finger undersides together are about 1 % of the skin, a sole about 1 %."""
    skin = BODY.areas.sum()
    assert 1.5 < float(skin) < 2.2
    for name, low, high in (
        ("left_grip", 0.005, 0.016), ("left_sole", 0.006, 0.016), ("torso", 0.2, 0.45),
        ("head", 0.05, 0.12), ("seat", 0.02, 0.09), ("left_thigh", 0.05, 0.12),
    ):  # fmt: skip
        assert low < float(BODY.areas[LABELS[name]].sum() / skin) < high, name


def test_parts_do_not_depend_on_the_shape() -> None:
    child = shape_body(BODY.model, betas_for(BODY.model, Subject(age=7)))
    assert part_vertices(child) is LABELS


def test_a_model_without_clothes_is_dressed_alike() -> None:
    from dataclasses import replace

    naked = replace(BODY.model, materials=None, uvs=None)
    same = materials(naked) == materials(BODY.model)
    areas = area_vectors(BODY.verts, BODY.faces).norm(dim=-1)
    assert float(areas[same].sum() / areas.sum()) > 0.85
    assert texture_coordinates(naked).shape == (len(BODY.faces), 3, 2)
