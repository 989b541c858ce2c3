"""Sex, age, height and weight become the body they say."""

from dataclasses import replace

import pytest
import torch

from solver.artefacts import Subject
from solver.body import MATERIALS, betas_for, load_body, shape_body
from solver.body.joints import JOINTS
from solver.body.looks import materials, worn
from solver.body.parts import part_vertices
from solver.body.people import complete, mass, stature

MODEL = load_body()


def test_nothing_said_is_the_mean_adult() -> None:
    assert betas_for(MODEL, Subject()).abs().max() == 0
    assert 1.6 < float(stature(MODEL.template)) < 1.8


@pytest.mark.parametrize(
    "subject",
    [
        Subject(age=2), Subject(sex=1, age=4), Subject(sex=0, age=6),
        Subject(sex=1, age=9, height=1.4), Subject(sex=0, age=14),
        Subject(sex=1, age=35, height=1.9, weight=90), Subject(sex=0, age=45, weight=105),
        Subject(sex=1, age=85), Subject(sex=0, age=25, height=1.5, weight=42), Subject(height=1.2),
    ],
)  # fmt: skip
def test_height_and_weight_are_exact_and_the_shape_is_ordinary(subject: Subject) -> None:
    person, betas = complete(subject), betas_for(MODEL, subject)
    body = shape_body(MODEL, betas)
    assert float(stature(body.verts)) == pytest.approx(person.height, abs=2e-3)
    assert float(mass(body.verts, MODEL.faces)) == pytest.approx(person.weight, rel=5e-3)
    assert betas.abs().max() < 6
    assert (shape_body(MODEL, betas).joints.isfinite()).all()


def test_children_grow_and_boys_end_taller() -> None:
    heights = {
        sex: [complete(Subject(sex=sex, age=age)).height for age in (2, 4, 6, 9, 12, 15, 20)]
        for sex in (0, 1)
    }
    for grown in heights.values():
        assert grown == sorted(grown)
    assert heights[1][-1] > heights[0][-1]


@pytest.mark.parametrize(
    ("age", "larger"), [(3, 1.5), (6, 1.29), (9, 1.17), (12, 1.09), (16, 1.02)]
)
def test_heads_are_as_large_as_at_that_age(age: float, larger: float) -> None:
    """Chin to crown over stature, against an adult's: shares of published growth charts."""
    follows_head = MODEL.weights[:, [JOINTS.index("neck"), JOINTS.index("head")]].sum(dim=1) > 0.5
    front = MODEL.template[:, 2] - MODEL.template[:, 1]
    middle = follows_head & (MODEL.template[:, 0].abs() < 0.012)
    chin = torch.where(middle, front, -9.0).argmax()

    def share(years: float) -> float:
        verts = shape_body(MODEL, betas_for(MODEL, Subject(sex=0.5, age=years))).verts
        return float((verts[:, 1].max() - verts[chin, 1]) / stature(verts))

    assert share(age) / share(30) == pytest.approx(larger, rel=0.05)


def test_girls_have_the_chest_of_boys_and_women_another() -> None:
    """How far the breasts stand out before the breastbone, between the arms."""
    chest = part_vertices(MODEL)["chest"]

    def bust(sex: float, age: float) -> float:
        verts = shape_body(MODEL, betas_for(MODEL, Subject(sex=sex, age=age))).verts[chest]
        sides = verts[:, 0].abs() > 0.02
        return float(verts[sides, 2].max() - verts[~sides, 2].max())

    for age in (5, 8, 10):
        assert abs(bust(0, age) - bust(1, age)) < 0.006, age
    assert bust(0, 30) - bust(1, 30) > 0.009


def test_a_short_person_of_unsaid_age_is_a_child() -> None:
    assert complete(Subject(height=1.2)).age == pytest.approx(7, abs=1)
    assert complete(Subject(height=1.75)).age == 30


def test_nonsense_is_brought_to_the_nearest_person() -> None:
    person = complete(Subject(sex=3, age=0.5, height=9, weight=1000))
    assert (person.sex, person.age, person.height, person.weight) == (1, 2, 2.3, 220)
    assert betas_for(MODEL, Subject(age=2)).isfinite().all()


def test_a_model_without_a_map_still_gets_its_height() -> None:
    plain = replace(MODEL, phenotype=None)
    betas = betas_for(plain, Subject(height=1.6, sex=1))
    assert float(stature(shape_body(plain, betas).verts)) == pytest.approx(1.6, abs=2e-3)
    assert torch.equal(betas_for(plain, Subject(sex=1, age=40)), torch.zeros(10))


@pytest.mark.parametrize(
    ("age", "grey"), [(None, False), (30.0, False), (60.0, True), (80.0, True)]
)
def test_the_old_have_grey_hair_and_nothing_else_changes(age: float | None, grey: bool) -> None:
    young = materials(MODEL)
    found = worn(replace(shape_body(MODEL), age=age))
    hair = young == MATERIALS.index("hair")
    assert torch.equal(found[~hair], young[~hair])
    wanted = MATERIALS.index("grey hair" if grey else "hair")
    assert bool(hair.any()) and bool((found[hair] == wanted).all())
