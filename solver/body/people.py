"""From a person in plain words to betas: sex, age, height, weight."""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Subject
from ..geometry.mesh import area_vectors
from .growth import ADULT, typical_height, typical_index
from .model import BodyModel, Phenotype

AGE, HEIGHT, WEIGHT = (2.0, 95.0), (0.8, 2.3), (10.0, 220.0)
"""What the body is made for: years, metres, kilograms. Beyond is brought to the nearest."""

_FITTED = (14.5, 40.0)
"""Body mass index that the map was fitted on; beyond, only the last step of `betas_for` goes."""


def betas_for(model: BodyModel, subject: Subject) -> Float[Tensor, " betas"]:
    """The shape of a person: what is unsaid is typical for what is said.

    The quadratic map gives a build for sex and age; then the smallest change of betas makes height
    and weight exact. On a model without a map only a stated height and weight have an effect.

    Args:
        model: Any body model.
        subject: The person; nothing said is the mean adult, zero betas.
    """
    betas = torch.zeros(model.shape_dirs.shape[-1])
    if subject == Subject():
        return betas
    if model.phenotype is None:
        return _matched(model, betas, subject.height, subject.weight)
    person = complete(subject)
    betas[: model.phenotype.coefficients.shape[1]] = _features(model.phenotype, person) @ (
        model.phenotype.coefficients
    )
    return _matched(model, betas, person.height, person.weight)


def complete(subject: Subject) -> Subject:
    """The person with every field said and inside what the body is made for."""
    sex = 0.5 if subject.sex is None else float(np.clip(subject.sex, 0, 1))
    age = _age_of(subject, sex)
    height = subject.height or typical_height(age, sex)
    height = float(np.clip(height, *HEIGHT))
    weight = subject.weight or typical_index(age, sex) * height**2
    return replace(subject, sex=sex, age=age, height=height, weight=float(np.clip(weight, *WEIGHT)))


def stature(verts: Float[Tensor, "verts 3"]) -> Float[Tensor, ""]:
    """Height of a T-posed body, metres."""
    return verts[:, 1].amax() - verts[:, 1].amin()


def mass(
    verts: Float[Tensor, "verts 3"], faces: Tensor, density: float = 1000.0
) -> Float[Tensor, ""]:
    """What the enclosed volume weighs, kilograms."""
    middle = verts[faces].mean(dim=1)
    return density * (area_vectors(verts, faces) * middle).sum() / 3


def _age_of(subject: Subject, sex: float) -> float:
    if subject.age is not None:
        return float(np.clip(subject.age, *AGE))
    tallest_child = typical_height(13.0, sex)
    if subject.height is None or subject.height > tallest_child:
        return ADULT
    years = np.linspace(AGE[0], 13.0, 50)
    heights = [typical_height(year, sex) for year in years]
    return float(np.interp(subject.height, heights, years))


def _features(phenotype: Phenotype, person: Subject) -> Float[Tensor, " features"]:
    """As in `tools/open_body/space.py`, which fits the map."""
    ages = phenotype.ages.numpy()
    growth = float(np.interp(person.age or ADULT, ages[:, 0], ages[:, 1]))
    stage = (1 - (3 * growth - torch.arange(4)).abs()).clamp(min=0)
    height = person.height or 1.7
    index = float(np.clip((person.weight or 60.0) / height**2, *_FITTED))
    plain = torch.tensor([1.0, person.sex or 0.0, height - 1.6, index / 20 - 1.1])
    first, second = torch.triu_indices(len(plain), len(plain))
    return torch.outer(stage, plain[first] * plain[second]).flatten()


def _matched(
    model: BodyModel, betas: Tensor, height: float | None, weight: float | None, steps: int = 6
) -> Float[Tensor, " betas"]:
    """The nearest betas with this height and weight, by Gauss-Newton steps of least norm."""
    wanted = [value for value in (height, weight) if value is not None]
    if not wanted:
        return betas
    density = model.phenotype.density if model.phenotype else 1000.0

    def measured(b: Tensor) -> Tensor:
        verts = model.template + model.shape_dirs @ b
        both = (stature(verts), mass(verts, model.faces, density))
        return torch.stack([v for v, said in zip(both, (height, weight), strict=True) if said])

    for _ in range(steps):
        jacobian = torch.autograd.functional.jacobian(measured, betas)
        away = torch.tensor(wanted) - measured(betas)
        if away.abs().max() < 1e-4:
            break
        betas = betas + jacobian.T @ torch.linalg.solve(jacobian @ jacobian.T, away)  # pyright: ignore[reportOperatorIssue, reportArgumentType]
    return betas
