"""Who the person of a job is: a body of one shape, made once."""

from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from .artefacts import Plan, Subject
from .body import BodyModel, ShapedBody, betas_for, load_body, shape_body
from .errors import SolverError
from .job import Request


def person(
    request: Request, plan: Plan, betas: Float[Tensor, " betas"] | None = None
) -> ShapedBody:
    """The person's body: what the panel says, else what the sentence says, else the mean.

    Args:
        request: Names the body's file, and the person.
        plan: Of the sentence.
        betas: The person, where there is one already; of what is said only the age counts then.

    Raises:
        SolverError: When the betas are not those of this body.
    """
    model = body_model(*stamp(request.body))
    said = {k: v for k, v in asdict(request.subject).items() if v is not None}
    subject: Subject = replace(plan.subject, **said)
    if betas is not None:
        if len(betas) != model.shape_dirs.shape[-1]:
            raise SolverError(
                f"The pose is that of a body with {len(betas)} betas; '{model.name}' has "
                f"{model.shape_dirs.shape[-1]}.",
                remedy="Choose the body that the person was made with.",
            )
        return shaped(model, tuple(betas.tolist()), subject.age)
    return shaped(model, tuple(betas_for(model, subject).tolist()), subject.age)


@lru_cache(maxsize=2)
def body_model(path: str = "", *_: int) -> BodyModel:
    """The open body, or the user's own: read once as long as the file is the same."""
    return load_body(Path(path) if path else None)


@lru_cache(maxsize=8)
def shaped(model: BodyModel, betas: tuple[float, ...], age: float | None = None) -> ShapedBody:
    """One person; the same object each time, so that what is fitted to it is remembered."""
    return replace(shape_body(model, torch.tensor(betas)), age=age)


def stamp(body: str | None) -> tuple[str, int, int] | tuple[()]:
    """Tells the user's body file from another of the same name."""
    if body is None:
        return ()
    try:
        known = Path(body).stat()
    except OSError:
        return (body, 0, 0)  # Whoever reads it says that it is missing.
    return (body, known.st_size, known.st_mtime_ns)
