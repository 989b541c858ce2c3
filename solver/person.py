"""Who the person of a job is: a body of one shape, made once."""

from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import torch

from .artefacts import Plan, Subject
from .body import BodyModel, ShapedBody, betas_for, load_body, shape_body
from .job import Request


def person(request: Request, plan: Plan) -> ShapedBody:
    """The person's body: what the panel says, else what the sentence says, else the mean."""
    said = {k: v for k, v in asdict(request.subject).items() if v is not None}
    subject: Subject = replace(plan.subject, **said)
    model = body_model(*stamp(request.body))
    return shaped(model, tuple(betas_for(model, subject).tolist()))


@lru_cache(maxsize=2)
def body_model(path: str = "", *_: int) -> BodyModel:
    """The open body, or the user's own: read once as long as the file is the same."""
    return load_body(Path(path) if path else None)


@lru_cache(maxsize=8)
def shaped(model: BodyModel, betas: tuple[float, ...]) -> ShapedBody:
    """One person; the same object each time, so that what is fitted to it is remembered."""
    return shape_body(model, torch.tensor(betas))


def stamp(body: str | None) -> tuple[str, int, int] | tuple[()]:
    """Tells the user's body file from another of the same name."""
    if body is None:
        return ()
    try:
        known = Path(body).stat()
    except OSError:
        return (body, 0, 0)  # Whoever reads it says that it is missing.
    return (body, known.st_size, known.st_mtime_ns)
