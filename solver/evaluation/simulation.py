"""C3: what moves when gravity acts. Needs the extra `physics` (MuJoCo).

The fixed one of person and object does not give way; the other is free and rigid.
"""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from ..errors import SolverError
from ..geometry.mesh import Mesh, area_vectors
from ..statics.support import heart
from .shown import MILLIMETRES, Shown
from .stand_ins import REACH, Balls, near_object, prisms_near, skin_balls

GRAVITY = 9.81
PERSON, OBJECT = 70.0, 1.0
"""Masses, kilograms."""


@dataclass(frozen=True)
class World:
    """Two things that touch, one of them free; the world frame."""

    balls: Balls
    prisms: Float[Tensor, "prisms 6 3"]
    free: str
    """`object` or `person`."""
    load: Mesh
    """The free one: its mass is spread over its surface."""
    mass: float
    floor: float | None
    """Height, metres; None: there is none."""
    friction: float


@dataclass(frozen=True)
class Moved:
    """How far something went."""

    shift: float
    """Of its centre of mass, metres."""
    turn: float
    """Radians."""


def slip_numbers(shown: Shown) -> dict[str, float]:
    """A held object while the person is fixed.

    `slip_mm` as in ObMan: friction 3, mass 1 kg, 35 steps of 1/240 s under gravity. `shake_mm` as
    in DexGraspNet: the worst of six directions of gravity, 100 steps of 1/60 s. `slip_mu05_mm` is
    the first with friction 0.5, as skin has.
    """
    world = held_world(shown, friction=3.0)
    down = np.array([0.0, -GRAVITY, 0.0])
    ways = [sign * GRAVITY * axis for axis in np.eye(3) for sign in (1.0, -1.0)]
    shaken = [simulate(world, way, seconds=100 / 60, step=1 / 240).shift for way in ways]
    smooth = held_world(shown, friction=0.5)
    return {
        "slip_mm": MILLIMETRES * simulate(world, down, seconds=35 / 240, step=1 / 240).shift,
        "slip_mu05_mm": MILLIMETRES * simulate(smooth, down, seconds=35 / 240, step=1 / 240).shift,
        "shake_mm": MILLIMETRES * max(shaken),
    }


def drift_numbers(shown: Shown, friction: float = 0.5) -> dict[str, float]:
    """The person, let go for a second as a statue of 70 kg, on the floor and a fixed object."""
    mesh = Mesh(shown.verts, shown.faces)
    low = (shown.verts[:, 1] - shown.floor < REACH).nonzero()[:, 0]
    balls = skin_balls(shown, torch.cat([near_object(shown), low]).unique())
    world = World(
        balls, prisms_near(shown, balls), "person", mesh, PERSON, shown.floor, friction
    )  # fmt: skip
    moved = simulate(world, np.array([0.0, -GRAVITY, 0.0]), seconds=1.0, step=1 / 500)
    return {"drift_mm": MILLIMETRES * moved.shift, "drift_deg": float(np.degrees(moved.turn))}


def held_world(shown: Shown, friction: float) -> World:
    """The object free, the person fixed, no floor."""
    balls = skin_balls(shown, near_object(shown))
    load = shown.solid.mesh
    return World(balls, prisms_near(shown, balls), "object", load, OBJECT, None, friction)


def simulate(world: World, gravity: NDArray[np.float64], *, seconds: float, step: float) -> Moved:
    """Let the free one go, and say how far it went.

    Raises:
        SolverError: Without the extra `physics`.
    """
    mujoco = physics()
    model = mujoco.MjModel.from_xml_string(scene_of(world, step))
    model.opt.gravity[:] = gravity
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    begun = data.xipos[1].copy()
    for _ in range(round(seconds / step)):
        mujoco.mj_step(model, data)
    mujoco.mj_forward(model, data)
    angle = 2 * np.arccos(min(1.0, abs(float(data.xquat[1][0]))))
    return Moved(float(np.linalg.norm(data.xipos[1] - begun)), float(angle))


def scene_of(world: World, step: float) -> str:
    """The world as MuJoCo reads it, about the centre of mass of what is free."""
    centre, inertia = mass_of(world.load, world.mass)
    balls = "".join(
        f'<geom type="sphere" size="{float(r):.6f}" pos="{_words(c)}" contype="1" conaffinity="2"/>'
        for c, r in zip(world.balls.centres - centre, world.balls.radii, strict=True)
    )
    assets, prisms = "", ""
    for k, corners in enumerate(world.prisms - centre):
        middle = corners.mean(dim=0)
        assets += f'<mesh name="p{k}" inertia="shell" vertex="{_words(corners - middle)}"/>'
        # A mesh is placed by its own centre; the reference keeps the corners where they are.
        prisms += (
            f'<geom type="mesh" mesh="p{k}" pos="{_words(middle)}" contype="2" conaffinity="1"/>'
        )
    floor = ""
    if world.floor is not None:
        height = world.floor - float(centre[1])
        floor = (
            f'<geom type="plane" size="9 9 1" pos="0 {height:.6f} 0" zaxis="0 1 0" '
            f'contype="2" conaffinity="3"/>'
        )
    free, fixed = (prisms, balls) if world.free == "object" else (balls, prisms)
    return f"""<mujoco>
<option timestep="{step}" integrator="implicitfast" cone="elliptic" impratio="10"/>
<default>
<geom friction="{world.friction} 0.005 0.0001" mass="0" solref="0.01 1" condim="4"/>
</default>
<size memory="512M"/>
<asset>{assets}</asset>
<worldbody>{floor}{fixed}<body><freejoint/>
<inertial pos="0 0 0" mass="{world.mass}" fullinertia="{_words(inertia)}"/>{free}</body></worldbody>
</mujoco>"""


def mass_of(load: Mesh, mass: float) -> tuple[Float[Tensor, "3"], Float[Tensor, "6"]]:
    """Centre of mass, of the filled mesh where it is closed, and inertia of the shell about it.

    The inertia is xx yy zz xy xz yz, kg m2.
    """
    centre = heart(Mesh(load.verts.double(), load.faces))[0].float()
    area = area_vectors(load.verts, load.faces).norm(dim=-1).double()
    points = (load.verts[load.faces].mean(dim=1) - centre).double()
    share = mass * area / area.sum()
    second = (share[:, None, None] * points[:, :, None] * points[:, None, :]).sum(dim=0)
    second += 1e-5 * mass * torch.eye(3).double()
    full = second.trace() * torch.eye(3).double() - second
    i, j = [0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]
    return centre, full[i, j].float()


def physics() -> ModuleType:
    """MuJoCo.

    Raises:
        SolverError: Where the extra is not installed.
    """
    try:
        return import_module("mujoco")
    except ImportError as error:
        raise SolverError(
            f"The simulation needs MuJoCo, which could not be imported: {error}",
            remedy="Install the extra 'physics': pip install 'interact-anything[physics]'.",
        ) from error


def _words(values: Tensor) -> str:
    return " ".join(f"{value:.6g}" for value in values.reshape(-1).tolist())
