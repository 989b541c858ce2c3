"""Custom properties of a person: what was asked, what came out, where to find the rest."""

from typing import Any

import bpy
import numpy as np

from .jobs import Job
from .posing import skeleton_size
from .rig import Rig, standing_point
from .scene import RESULT_MARK
from .solution import Result, Variant


def describe(rig: Rig, job: Job, result: Result, variant: Variant, number: int) -> None:
    """All of them, on a new person."""
    armature, stands = rig.armature, float(standing_point(result.shape, variant)[1])
    rig.body[RESULT_MARK] = "body"
    armature[RESULT_MARK] = "rig"
    armature["interact_prompt"] = job.request.prompt
    armature["interact_object"] = job.target
    armature["interact_seed"] = job.request.seed
    armature["interact_variant"] = number
    armature["interact_age"] = float(job.request.subject.age or 0.0)
    armature["interact_betas"] = [float(x) for x in result.shape.betas]
    armature["interact_skeleton_m"] = skeleton_size(result.shape.joints)
    armature["interact_above_floor_m"] = stands - float(result.report.get("floor", stands))
    armature["interact_body_file"] = job.request.body or ""
    describe_outcome(armature, job, result, variant)


def describe_outcome(
    armature: bpy.types.Object, job: Job, result: Result, variant: Variant
) -> None:
    """Those that a job about this person writes anew; numbers of an earlier one go."""
    report = result.report
    armature["interact_folder"] = str(job.folder)
    armature["interact_quality"] = job.request.quality
    for key in ("device", "body"):
        armature[f"interact_{key}"] = str(report.get(key, ""))
    for stage, provider in (report.get("providers") or {}).items():
        armature[f"interact_provider_{stage}"] = str(provider)
    for old in [key for key in armature.keys() if key.startswith("metric_")]:  # noqa: SIM118
        del armature[old]
    for name, value in variant.metrics.items():
        if isinstance(value, bool | int | float) and np.isfinite(value):
            armature[f"metric_{name}"] = float(value)
    plan = report.get("plan") or {}
    armature["interact_plan"] = spoken_plan(plan)
    armature["interact_carried"] = bool(plan.get("movable", False))


def spoken_plan(plan: dict[str, Any]) -> str:
    """The plan in a line: 'Sit: buttocks on seat, left foot on floor'."""
    contacts = ", ".join(f"{one['part']} on {one['region']}" for one in plan.get("contacts") or ())
    return f"{plan.get('posture', '')}: {contacts}".strip(": ").replace("_", " ").capitalize()
