"""The end of a plate whose rim is known in closed form."""

import math

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.edges import OFF, STEP, fit_edge, rims_around
from solver.optimisation.rods import fit_rod

REACH = 0.08
Samples = tuple[Float[Tensor, "points 3"], Float[Tensor, "points 3"]]


def plate(thick: float) -> Samples:
    """A level plate behind z = 0 with its rim, its middle at y = 0; points and normals."""
    x = torch.linspace(-0.2, 0.2, 41)
    across, deep = torch.meshgrid(x, torch.linspace(-0.3, 0.0, 31), indexing="ij")
    faces = [
        torch.stack([across, torch.full_like(across, side * thick / 2), deep], dim=-1).view(-1, 3)
        for side in (1.0, -1.0)
    ]
    height = torch.linspace(-thick / 2, thick / 2, 5)
    rim = torch.stack([*torch.meshgrid(x, height, indexing="ij"), torch.zeros(41, 5)], -1)
    ways = torch.tensor([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]])
    points = [*faces, rim.view(-1, 3)]
    normals = [way.expand(len(p), 3) for way, p in zip(ways, points, strict=True)]
    return torch.cat(points), torch.cat(normals)


def within(samples: Samples, spot: Float[Tensor, "3"]) -> Samples:
    """What a hand at the spot sees."""
    near = (samples[0] - spot).norm(dim=-1) < REACH
    return samples[0][near], samples[1][near]


@pytest.mark.parametrize("thick", [0.01, 0.026, 0.04])
@pytest.mark.parametrize("inward", [0.0, 0.02, 0.03])
def test_rim_and_thickness_of_a_plate_however_it_lies(thick: float, inward: float) -> None:
    spot = torch.tensor([0.05, thick / 2, -inward])
    turn = matrix_from_rotvec(torch.tensor([[0.4, -0.9, 0.3]]))[0]
    shift = torch.tensor([0.3, 1.0, -2.0])
    points, normals = within(plate(thick), spot)
    edge = fit_edge(points @ turn.T + shift, normals @ turn.T, turn @ spot + shift)
    assert edge is not None
    centre, axis, outward, half = edge
    back = (centre - shift) @ turn
    torch.testing.assert_close(back, torch.tensor([0.05, 0.0, -half]), atol=2e-3, rtol=0)
    assert half == pytest.approx(thick / 2, abs=1e-5)
    assert float((outward @ turn)[2]) > math.cos(math.radians(5))
    assert abs(float((axis @ turn)[0])) > math.cos(math.radians(5))


def test_a_plate_that_goes_on_has_no_edge() -> None:
    spot = torch.tensor([0.0, 0.013, -0.15])
    assert fit_edge(*within(plate(0.026), spot), spot) is None


def test_neither_a_thick_block_nor_a_single_face_is_a_plate() -> None:
    spot = torch.tensor([0.0, 0.045, -0.01])
    points, normals = plate(0.09)
    assert fit_edge(points, normals, spot) is None
    above = normals[:, 1] > 0.5
    assert fit_edge(points[above], normals[above], spot) is None


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_plate_that_turns_a_corner_has_no_edge_there(side: float) -> None:
    """A bin's wall goes on as the next wall; a lip of a centimetre leaves the rim a rim."""
    spot = torch.tensor([0.0, 0.003, -0.02])
    points, normals = plate(0.006)
    for drop, found in ((0.009, True), (0.08, False)):
        down = torch.linspace(0.0, -side * drop, 12)
        lip = torch.cartesian_prod(torch.linspace(-0.1, 0.1, 21), down, torch.zeros(1))
        outward = torch.tensor([0.0, 0.0, 1.0]).expand(len(lip), 3)
        seen = within((torch.cat([points, lip]), torch.cat([normals, outward])), spot)
        assert (fit_edge(*seen, spot) is not None) == found


def test_a_plate_seen_to_one_side_only_ends_where_it_ends() -> None:
    """The samples' middle is aside of the spot, the rim is not."""
    spot = torch.tensor([0.0, 0.013, -0.02])
    points, normals = within(plate(0.026), spot)
    seen = points[:, 0] > -0.01
    edge = fit_edge(points[seen], normals[seen], spot + torch.tensor([0.03, 0.0, 0.0]))
    assert edge is not None
    assert float(edge[2][2]) > math.cos(math.radians(8))


def test_a_wall_folded_along_a_line_is_no_rod_and_a_rod_is_one() -> None:
    """Both lack normals along one axis; only a rod's points collapse onto it."""
    way, up = torch.meshgrid(torch.linspace(0, 0.05, 12), torch.linspace(-0.05, 0.05, 12),
                             indexing="ij")  # fmt: skip
    zero = torch.zeros_like(way)
    wings = [torch.stack([way, up, zero], -1), torch.stack([zero, up, way], -1)]
    ways = [torch.tensor([0.0, 0.0, 1.0]), torch.tensor([1.0, 0.0, 0.0])]
    points = torch.cat([wing.view(-1, 3) for wing in wings])
    normals = torch.cat([n.expand(144, 3) for n in ways])
    assert fit_rod(points, normals) is None
    angle = torch.linspace(0, 2 * math.pi, 25)[:-1].repeat(6)
    round_about = torch.stack([angle.cos(), torch.zeros_like(angle), angle.sin()], dim=-1)
    along = torch.linspace(-0.05, 0.05, 6).repeat_interleave(24)[:, None]
    found = fit_rod(0.014 * round_about + along * torch.tensor([0.0, 1.0, 0.0]), round_about)
    assert found is not None
    assert found[2] == pytest.approx(0.014, abs=1e-4)


def slab(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
    """Signed distance to a block that ends at x = 0 and z = 0.05, its top at y = 0."""
    outside = points - torch.tensor([0.0, 0.0, 0.05])
    return outside.clamp(min=0).norm(dim=-1) + outside.amax(dim=-1).clamp(max=0)


def test_rims_are_where_a_block_ends_and_look_outward() -> None:
    up = torch.tensor([[0.0, 1.0, 0.0]])
    spots = torch.tensor([[-0.03, 0.0, -0.4], [-0.5, 0.0, -0.4], [-0.04, 0.0, 0.0]])
    of, rims, outward = rims_around(slab, spots, up.expand(3, 3))
    assert of.tolist() == [0, 2, 2]  # The second is in the middle of it, the third near a corner.
    ways = [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    order = [0, *sorted((1, 2), key=lambda k: float(outward[k, 2]))]
    torch.testing.assert_close(outward[order], torch.tensor(ways), atol=0.05, rtol=0)
    assert float(slab(rims).abs().max()) < OFF + 1e-4
    ends = torch.stack([rims[order[0], 0], rims[order[1], 0], rims[order[2], 2] - 0.05])
    assert float(ends.abs().max()) <= STEP + 1e-6 + OFF


def test_a_step_is_no_edge_for_fingers() -> None:
    """Below the block's end is a floor, where fingers would have to go."""

    def stepped(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        return torch.minimum(slab(points), points[..., 1] + 0.02)

    up, spot = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[-0.03, 0.0, -0.4]])
    assert len(rims_around(slab, spot, up)[0]) == 1
    assert len(rims_around(stepped, spot, up)[0]) == 0
