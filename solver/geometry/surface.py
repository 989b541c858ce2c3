"""Exact distance, sign and rays against a mesh. The only file that imports warp.

The mesh stays in its own frame; callers bring points into it, so that the tree is built once and
gradients to the object's pose come from torch for free.
"""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIncompatibleMethodOverride=false
# pyright: reportIndexIssue=false, reportOptionalMemberAccess=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false

import contextlib
import functools
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Literal, no_type_check

import torch
import warp as wp
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .mesh import Mesh, is_closed

FAR = 1e6
"""Reach of an unlimited query, metres."""


Sign = Literal["winding", "parity"]
"""How inside is told from outside: by the winding number, or, where the faces look all ways, by
counting how often rays cross the surface."""


def sees_cuda() -> bool:
    """Whether distances can be measured on a GPU."""
    _start()
    return wp.is_cuda_available()


@functools.cache
def _start() -> None:
    wp.config.log_level = wp.LOG_ERROR
    if folder := os.environ.get("INTERACT_CACHE"):
        wp.config.kernel_cache_dir = str(Path(folder) / "warp")
    with _quiet_stderr():
        wp.init()


@functools.cache
def _warp_device(device: torch.device) -> wp.Device:
    """Warp's name for a device of torch; there warp then works in torch's own order."""
    _start()
    found = wp.device_from_torch(device)
    if found.is_cuda:
        wp.set_stream(wp.stream_from_torch(device), found)
    return found


@contextlib.contextmanager
def _quiet_stderr() -> Generator[None, None, None]:
    """Hide what native code writes to stderr: without an NVIDIA driver warp complains each time."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@wp.kernel(enable_backward=False)
@no_type_check
def _crossed(
    mesh: wp.uint64,
    points: wp.array(dtype=wp.vec3),
    distance: wp.array(dtype=float),
    nearest: wp.array(dtype=wp.vec3),
    face: wp.array(dtype=wp.int32),
):
    i = wp.tid()
    q = wp.mesh_query_point_sign_parity(mesh, points[i], 1.0e6, 5, 0.3)
    if q.result:
        c = wp.mesh_eval_position(mesh, q.face, q.u, q.v)
        distance[i] = q.sign * wp.length(points[i] - c)
        nearest[i] = c
        face[i] = q.face


@wp.kernel(enable_backward=False)
@no_type_check
def _wound(
    mesh: wp.uint64,
    points: wp.array(dtype=wp.vec3),
    threshold: float,
    above: wp.array(dtype=wp.int32),
):
    i = wp.tid()
    q = wp.mesh_query_point_sign_winding_number(mesh, points[i], 1.0e6, 2.0, threshold)
    above[i] = 0
    if q.result and q.sign < 0.0:
        above[i] = 1


@wp.kernel(enable_backward=False)
@no_type_check
def _closest(
    mesh: wp.uint64,
    points: wp.array(dtype=wp.vec3),
    distance: wp.array(dtype=float),
    nearest: wp.array(dtype=wp.vec3),
    face: wp.array(dtype=wp.int32),
):
    i = wp.tid()
    q = wp.mesh_query_point_sign_winding_number(mesh, points[i], 1.0e6, 2.0, 0.5)
    if q.result:
        c = wp.mesh_eval_position(mesh, q.face, q.u, q.v)
        distance[i] = q.sign * wp.length(points[i] - c)
        nearest[i] = c
        face[i] = q.face


@wp.kernel(enable_backward=False)
@no_type_check
def _unsigned(
    mesh: wp.uint64,
    points: wp.array(dtype=wp.vec3),
    reach: float,
    distance: wp.array(dtype=float),
    nearest: wp.array(dtype=wp.vec3),
    face: wp.array(dtype=wp.int32),
):
    i = wp.tid()
    q = wp.mesh_query_point_no_sign(mesh, points[i], reach)
    distance[i] = reach
    nearest[i] = points[i]
    face[i] = -1
    if q.result:
        c = wp.mesh_eval_position(mesh, q.face, q.u, q.v)
        distance[i] = wp.length(points[i] - c)
        nearest[i] = c
        face[i] = q.face


@wp.kernel(enable_backward=False)
@no_type_check
def _cast(
    mesh: wp.uint64,
    origin: wp.array(dtype=wp.vec3),
    direction: wp.array(dtype=wp.vec3),
    reach: float,
    distance: wp.array(dtype=float),
    face: wp.array(dtype=wp.int32),
):
    i = wp.tid()
    q = wp.mesh_query_ray(mesh, origin[i], direction[i], reach)
    distance[i] = reach
    face[i] = -1
    if q.result:
        distance[i] = q.t
        face[i] = q.face


@wp.kernel(enable_backward=False)
@no_type_check
def _interpolated(
    volume: wp.array(dtype=float, ndim=3),
    points: wp.array(dtype=wp.vec3),
    low: wp.vec3,
    step: float,
    value: wp.array(dtype=float),
    slope: wp.array(dtype=wp.vec3),
):
    i = wp.tid()
    unit = (points[i] - low) / step
    last = wp.vec3(
        float(volume.shape[2] - 1), float(volume.shape[1] - 1), float(volume.shape[0] - 1)
    )
    inside = wp.max(wp.min(unit, last), wp.vec3(0.0, 0.0, 0.0))
    x = wp.min(int(inside[0]), volume.shape[2] - 2)
    y = wp.min(int(inside[1]), volume.shape[1] - 2)
    z = wp.min(int(inside[2]), volume.shape[0] - 2)
    u = inside[0] - float(x)
    v = inside[1] - float(y)
    w = inside[2] - float(z)
    a = volume[z, y, x]
    b = volume[z, y, x + 1]
    c = volume[z, y + 1, x]
    d = volume[z, y + 1, x + 1]
    e = volume[z + 1, y, x]
    f = volume[z + 1, y, x + 1]
    g = volume[z + 1, y + 1, x]
    h = volume[z + 1, y + 1, x + 1]
    ab, cd, ef, gh = a + u * (b - a), c + u * (d - c), e + u * (f - e), g + u * (h - g)
    near, far = ab + v * (cd - ab), ef + v * (gh - ef)
    beyond = (unit - inside) * step
    away = wp.sqrt(wp.dot(beyond, beyond) + 1.0e-12)
    value[i] = near + w * (far - near) + away - 1.0e-6
    along = wp.vec3(
        (1.0 - w) * ((1.0 - v) * (b - a) + v * (d - c)) + w * ((1.0 - v) * (f - e) + v * (h - g)),
        (1.0 - w) * (cd - ab) + w * (gh - ef),
        far - near,
    )
    # Outside the grid the value at its border is constant along the way there.
    for k in range(3):
        if unit[k] != inside[k]:
            along[k] = 0.0
    slope[i] = along / step + beyond / away


def interpolate(
    volume: Float[Tensor, "depth height width"],
    points: Float[Tensor, "points 3"],
    low: tuple[float, float, float],
    step: float,
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"]]:
    """A grid's values between its nodes, and their slopes; outside, the way to the border is added.

    Args:
        volume: Values at the nodes; axes z, y, x.
        points: Where, in the grid's frame.
        low: The first node.
        step: Distance of two nodes.
    """
    value, slope = points.new_empty(len(points)), torch.empty_like(points)
    wp.launch(
        _interpolated, dim=len(points), device=_warp_device(points.device),
        inputs=[_shared(volume), _shared(points), wp.vec3(*low), step,
                _shared(value), _shared(slope)],
    )  # fmt: skip
    return value, slope


class Surface:
    """A mesh with a search tree, on the mesh's device; queries take and return tensors there."""

    def __init__(self, mesh: Mesh, sign: Sign = "winding", *, solid: bool = True) -> None:
        """Build the tree.

        Args:
            mesh: What is asked about.
            sign: How inside is told from outside.
            solid: Prepare for signs; without, only `nearest` and rays can be asked.
        """
        self.mesh = mesh
        self.sign: Sign = sign
        self._device = _warp_device(mesh.verts.device)
        # warp does not copy: both arrays must outlive the tree.
        self._held = mesh.verts.detach().float().clone().contiguous()
        self._verts = _shared(self._held)
        self._faces = _shared(mesh.faces.int().reshape(-1))
        self._tree = wp.Mesh(self._verts, self._faces, support_winding_number=solid)

    @functools.cached_property
    def closed(self) -> bool:
        """Every edge is walked as often one way as the other, so winding numbers are whole."""
        return is_closed(self.mesh.faces)

    def refit(self, verts: Float[Tensor, "verts 3"]) -> None:
        """The same faces between vertices that have moved a little: faster than a new tree."""
        self.mesh = Mesh(verts, self.mesh.faces)
        self._held.copy_(verts.detach())
        self._tree.refit()

    def to(self, device: torch.device) -> "Surface":
        """The same on another device, with a tree of its own there."""
        moved = Mesh(self.mesh.verts.to(device), self.mesh.faces.to(device))
        return self if moved.verts is self.mesh.verts else Surface(moved, self.sign)

    def query(
        self, points: Float[Tensor, "*batch 3"]
    ) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch 3"], Int[Tensor, "*batch"]]:
        """Signed distance (metres, negative inside), closest point, its face."""
        flat = points.detach().reshape(-1, 3).float().contiguous()
        distance = flat.new_empty(len(flat))
        nearest = torch.empty_like(flat)
        face = flat.new_empty(len(flat), dtype=torch.int32)
        kernel = _closest if self.sign == "winding" else _crossed
        self._launch(kernel, flat, distance, nearest, face)
        shape = points.shape[:-1]
        return distance.view(shape), nearest.view(*shape, 3), face.long().view(shape)

    def nearest(
        self, points: Float[Tensor, "*batch 3"], reach: float = FAR
    ) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch 3"], Int[Tensor, "*batch"]]:
        """Unsigned distance, closest point and face (-1 and `reach` where nothing is that near)."""
        flat = points.detach().reshape(-1, 3).float().contiguous()
        distance = flat.new_empty(len(flat))
        nearest = torch.empty_like(flat)
        face = flat.new_empty(len(flat), dtype=torch.int32)
        self._launch(_unsigned, flat, reach, distance, nearest, face)
        shape = points.shape[:-1]
        return distance.view(shape), nearest.view(*shape, 3), face.long().view(shape)

    def winding_above(
        self, points: Float[Tensor, "*batch 3"], threshold: float
    ) -> Bool[Tensor, "*batch"]:
        """Whether the winding number exceeds `threshold`: 1 is inside, 0 outside."""
        flat = points.detach().reshape(-1, 3).float().contiguous()
        above = flat.new_empty(len(flat), dtype=torch.int32)
        self._launch(_wound, flat, threshold, above)
        return above.bool().view(points.shape[:-1])

    def cast(
        self,
        origins: Float[Tensor, "*batch 3"],
        directions: Float[Tensor, "*#batch 3"],
        reach: float = FAR,
    ) -> tuple[Float[Tensor, "*batch"], Int[Tensor, "*batch"]]:
        """Distance along unit rays to the first hit and its face; `reach` and -1 for a miss."""
        flat = origins.detach().reshape(-1, 3).float().contiguous()
        along = directions.detach().expand(origins.shape).reshape(-1, 3).float().contiguous()
        distance = flat.new_empty(len(flat))
        face = flat.new_empty(len(flat), dtype=torch.int32)
        self._launch(_cast, flat, along, reach, distance, face)
        shape = origins.shape[:-1]
        return distance.view(shape), face.long().view(shape)

    def clear(
        self,
        origins: Float[Tensor, "*batch 3"],
        directions: Float[Tensor, "*#batch 3"],
        reach: float,
    ) -> Bool[Tensor, "*batch"]:
        """Whether the rays meet nothing within `reach`."""
        return self.cast(origins, directions, reach)[1] < 0

    def _launch(self, kernel: wp.Kernel, points: Tensor, *others: Tensor | float) -> None:
        """Run a kernel once per point; it writes into those of the tensors that are its results."""
        values = [_shared(each) if isinstance(each, Tensor) else each for each in others]
        wp.launch(
            kernel, dim=len(points), device=self._device,
            inputs=[self._tree.id, _shared(points), *values],
        )  # fmt: skip


def _shared(tensor: Tensor) -> wp.array:
    """The tensor's own memory as warp sees it: rows of three are vectors."""
    return wp.from_torch(tensor, dtype=wp.vec3 if tensor.dim() == 2 else None)
