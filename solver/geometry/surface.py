"""Exact distance, sign and rays against a mesh.

The mesh stays in its own frame; callers bring points into it, so that the tree is built once and
gradients to the object's pose come from torch for free.
"""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIncompatibleMethodOverride=false
# pyright: reportIndexIssue=false, reportOptionalMemberAccess=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false

import functools
from typing import Literal, no_type_check

import torch
import warp as wp
from jaxtyping import Bool, Float, Int
from torch import Tensor

from . import kernels
from .mesh import Mesh, is_closed

FAR = 1e6
"""Reach of an unlimited query, metres."""
LEAF = 4
"""Faces in a leaf of the search tree; with warp's own choice, one, queries and building both take
1.2 to 2 times as long."""

Sign = Literal["winding", "parity"]
"""How inside is told from outside: by the winding number, or, where the faces look all ways, by
counting how often rays cross the surface."""


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
        kernels.device_of(mesh.verts.device)  # The tree is built in torch's order of work.
        # warp does not copy: both arrays must outlive the tree.
        self._held = mesh.verts.detach().float().clone().contiguous()
        self._verts = kernels.shared(self._held, lasting=True)
        self._faces = kernels.shared(mesh.faces.int().reshape(-1), lasting=True)
        self._tree = wp.Mesh(
            self._verts, self._faces, support_winding_number=solid, bvh_leaf_size=LEAF
        )

    @functools.cached_property
    def closed(self) -> bool:
        """Every edge is walked as often one way as the other, so winding numbers are whole."""
        return is_closed(self.mesh.faces)

    def refit(self, verts: Float[Tensor, "verts 3"]) -> bool:
        """The same faces between vertices that have moved a little: faster than a new tree.

        Returns:
            Whether any has moved.
        """
        if torch.equal(verts, self._held):
            return False
        self.mesh = Mesh(verts, self.mesh.faces)
        self._held.copy_(verts.detach())
        self._tree.refit()
        return True

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
        self.launch(kernel, flat, distance, nearest, face)
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
        self.launch(_unsigned, flat, reach, distance, nearest, face)
        shape = points.shape[:-1]
        return distance.view(shape), nearest.view(*shape, 3), face.long().view(shape)

    def winding_above(
        self, points: Float[Tensor, "*batch 3"], threshold: float
    ) -> Bool[Tensor, "*batch"]:
        """Whether the winding number exceeds `threshold`: 1 is inside, 0 outside."""
        flat = points.detach().reshape(-1, 3).float().contiguous()
        above = flat.new_empty(len(flat), dtype=torch.int32)
        self.launch(_wound, flat, threshold, above)
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
        self.launch(_cast, flat, along, reach, distance, face)
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

    def launch(self, kernel: wp.Kernel, points: Tensor, *others: Tensor | float) -> None:
        """Run a kernel once per point on this mesh."""
        kernels.launch(kernel, len(points), self.mesh.verts.device, self._tree.id, points, *others)
