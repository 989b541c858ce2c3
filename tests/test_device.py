"""Which device is chosen, how nouns move, and that the optimisation runs where it is told to."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
import torch
from pretended import MixedDevices, Pretended, accelerator
from rooms import scene, shell
from solid import box, chair, item_of, joined, sitting, target

from solver import device as devices
from solver.artefacts import Affordance, Contact, Grip, Item, Plan
from solver.body import ShapedBody, load_body, shape_body
from solver.body.poses.hands import hand_shape
from solver.device import choose_device, computing_on, device_name, failed_trial, to_device, usable
from solver.errors import SolverError
from solver.geometry import kernels
from solver.geometry.surface import Surface
from solver.intake import take_in_scene
from solver.optimisation import optimise
from solver.optimisation.optimise import best
from solver.optimisation.variables import start_of
from solver.settings import Phase, Settings, settings_for
from solver.synthesis import synthesise
from solver.task import resolve

CPU = torch.device("cpu")


def seen(monkeypatch: pytest.MonkeyPatch, *, torch_sees: bool, warp_sees: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: torch_sees)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(devices, "sees_cuda", lambda: warp_sees)
    monkeypatch.setattr(devices, "failed_trial", lambda device: None)


def test_auto_is_cuda_where_torch_and_warp_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, torch_sees=True, warp_sees=True)
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda", 0)
    assert choose_device("cpu") == CPU
    assert usable() == ("cpu", "cuda")


@pytest.mark.parametrize(
    ("torch_sees", "build", "remedy"),
    [(False, None, "CUDA build"), (False, "13.0", "driver"), (True, "13.0", "Turing")],
)
def test_without_cuda_auto_is_cpu_and_cuda_a_sentence_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    torch_sees: bool,
    build: str | None,
    remedy: str,
) -> None:
    seen(monkeypatch, torch_sees=torch_sees, warp_sees=False)
    monkeypatch.setattr(torch.version, "cuda", build)
    with caplog.at_level("INFO"):
        assert choose_device("auto") == choose_device("cpu") == CPU
    assert "auto: computing on the CPU (" in caplog.text and "cannot" not in caplog.text
    assert usable() == ("cpu",)
    with pytest.raises(SolverError, match="cuda") as failure:
        choose_device("cuda")
    assert remedy in failure.value.remedy and "CPU" in failure.value.remedy


def test_a_gpu_that_cannot_calculate_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial itself works on the CPU, and says what fails on a device without values."""
    assert failed_trial(CPU) is None
    error = failed_trial(torch.device("meta"))
    assert error is not None and "calculation" in str(error)
    seen(monkeypatch, torch_sees=True, warp_sees=True)
    monkeypatch.setattr(devices, "failed_trial", lambda device: error)
    assert choose_device("auto") == CPU
    with pytest.raises(SolverError, match="calculation"):
        choose_device("cuda")


def test_a_device_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Fast One")
    assert device_name(CPU) == "cpu"
    assert device_name(torch.device("cuda", 0)) == "cuda (Fast One)"


def test_full_memory_is_a_sentence() -> None:
    with pytest.raises(SolverError, match="memory"), computing_on(torch.device("meta")):
        raise torch.OutOfMemoryError("tried to allocate 9 GiB")


@dataclass(frozen=True)
class Nest:
    """Something of everything."""

    tensors: tuple[torch.Tensor, ...]
    by_name: dict[str, list[torch.Tensor]]
    inner: "Nest | None"
    word: str


def test_nouns_move_whole_and_come_back_the_same() -> None:
    first, second = torch.arange(3.0), torch.ones(2, dtype=torch.long)
    nest = Nest((first,), {"a": [second]}, Nest((), {}, None, "inner"), "outer")
    assert to_device(nest, CPU) is nest
    away = to_device(nest, torch.device("meta"))
    assert away.tensors[0].is_meta and away.by_name["a"][0].is_meta
    assert away.inner is nest.inner and away.word == "outer"
    with accelerator() as there:
        back = to_device(to_device(nest, there), CPU)
    assert torch.equal(back.tensors[0], first) and torch.equal(back.by_name["a"][0], second)


@contextmanager
def elsewhere() -> Generator[torch.device]:
    """The pretended device; warp works on the memory behind its tensors."""
    share, warp_device = kernels.shared, kernels.device_of

    def shared(tensor: torch.Tensor, *, lasting: bool = False) -> object:
        assert isinstance(tensor, Pretended), "warp is handed a tensor of the CPU"
        return share(tensor.hidden, lasting=lasting)

    with accelerator() as device, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "device_of", lambda _: warp_device(CPU))
        patch.setattr(kernels, "shared", shared)
        yield device


@pytest.fixture
def there() -> Generator[torch.device]:
    with elsewhere() as device:
        yield device


@pytest.mark.parametrize(
    "mixed",
    [
        lambda here, away: away + here,
        lambda here, away: torch.cat([away, here]),
        lambda here, away: torch.stack([away.sum(), here.sum()]),
        lambda here, away: here.index_add(0, torch.arange(3).to(away.device), away),
        lambda here, away: here[torch.arange(3).to(away.device)],
        lambda here, away: torch.rand(3, device=away.device, generator=torch.Generator()),
        lambda here, away: away.numpy(),
        lambda here, away: Surface(box((0, 0, 0), (1, 1, 1))),
    ],
)
def test_the_pretended_device_refuses_what_cuda_refuses(there: torch.device, mixed) -> None:
    here = torch.ones(3)
    with pytest.raises((MixedDevices, RuntimeError, AssertionError)):
        mixed(here, here.to(there))


def test_the_pretended_device_allows_what_cuda_allows(there: torch.device) -> None:
    away = torch.arange(3.0).to(there).requires_grad_()
    with torch.device(there):
        made = torch.tensor([1.0, 2.0, 4.0])
    total = (away * made + torch.ones(()))[torch.tensor([0, 2])].square().sum()
    assert total.device == made.device == there and not isinstance(total.cpu(), Pretended)
    assert torch.autograd.grad(total, away)[0].tolist() == [2.0, 0.0, 72.0]


def test_distances_are_asked_where_the_surface_is(there: torch.device) -> None:
    cube = box((0, 0, 0), (1, 1, 1))
    points = torch.tensor([[0.5, 0.5, 0.75], [0.5, 3.0, 0.5]]).to(there)
    moved = to_device(replace(cube, verts=cube.verts.to(there), faces=cube.faces.to(there)), there)
    distance, nearest, _ = Surface(moved).query(points)
    assert distance.device == nearest.device == there
    assert distance.tolist() == pytest.approx([-0.25, 2.0])


def test_what_is_remembered_of_hands_goes_where_it_is_asked_for(there: torch.device) -> None:
    with torch.device(there):
        first = hand_shape("relaxed", 0.123, "left")
    then = hand_shape("relaxed", 0.123, "left")
    assert first.device == there and then.device == CPU
    assert torch.equal(first.cpu(), then)


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def brief(seed: int = 0) -> Settings:
    """A step or two of every phase, on few candidates."""
    full = settings_for("draft", seed)
    knobs = full.optimisation

    def two(phase: Phase) -> Phase:
        return replace(phase, steps=2)

    knobs = replace(
        knobs, approach=two(knobs.approach), settle=two(knobs.settle), finish=two(knobs.finish),
        survivors=2, finalists=1, sample=150,
    )  # fmt: skip
    return replace(
        full, optimisation=knobs, synthesis=replace(full.synthesis, candidates=30, keep=2)
    )


def seat() -> tuple[Item, Plan, Affordance]:
    """Sitting, hands on the thighs, feet on the floor: supports, own body, balance."""
    item = chair()
    return item, *sitting(item)


def railing() -> tuple[Item, Plan, Affordance]:
    """Standing with a hand on a rail: a rod is looked for beside the hand."""
    item = item_of(
        joined(box((-0.6, 1.0, 0.38), (0.6, 1.03, 0.41)), box((-0.6, 0, 0.38), (-0.55, 1, 0.41)))
    )
    hand = Contact("right_hand", "rail", "grasp")
    feet = [Contact(f"{side}_foot", "floor", "support") for side in ("left", "right")]  # pyright: ignore[reportArgumentType]
    plan = Plan(
        prompt="holding on to a rail", object="rail", posture="stand", relation="front",
        facing="front", movable=False, scale="furniture", contacts=(hand, *feet),
    )  # fmt: skip
    return item, plan, Affordance((target(hand, item.points[:, 1] > 0.99),))


def stick() -> tuple[Item, Plan, Affordance]:
    """A stick carried in both hands, aimed: grasps, arms that are brought, attitude."""
    item = item_of(box((-0.012, 0.0, -0.4), (0.012, 0.024, 0.4)))
    hands = [Contact(f"{side}_hand", "handle", "grasp") for side in ("right", "left")]  # pyright: ignore[reportArgumentType]
    feet = [Contact(f"{side}_foot", "floor", "support") for side in ("left", "right")]  # pyright: ignore[reportArgumentType]
    plan = Plan(
        prompt="aiming a stick", object="stick", posture="stand", relation="holding",
        facing="front", movable=True, scale="handheld", contacts=(*hands, *feet),
        styles=("aim",), hold_height="chest", attitude="aimed_forward",
    )  # fmt: skip
    places = (-0.25, 0.1)
    grips = tuple(
        Grip(
            torch.tensor([0.0, 0.012, z]), torch.tensor([0.0, 0.0, 1.0]),
            torch.tensor([0.0, 1.0, 0.0]), 0.014, 0.12, hand.part,
        )
        for hand, z in zip(hands, places, strict=True)
    )  # fmt: skip
    near = [(item.points[:, 2] - z).abs() < 0.06 for z in places]
    targets = tuple(target(hand, chosen) for hand, chosen in zip(hands, near, strict=True))
    return item, plan, Affordance(targets, grips)


def cramped_seat() -> tuple[Item, Plan, Affordance]:
    """The seat in a room, beside a box."""
    item, plan, affordance = seat()
    crowd = scene(room=shell(), box=box((0.27, 0.0, -0.3), (0.8, 0.7, 0.9)))
    return take_in_scene(crowd, item, carried=False, floor_given=False), plan, affordance


def cramped_stick() -> tuple[Item, Plan, Affordance]:
    """The stick in a room."""
    item, plan, affordance = stick()
    room = scene(room=shell())
    return take_in_scene(room, item, carried=True, floor_given=False), plan, affordance


@pytest.mark.slow
@pytest.mark.parametrize("job", [seat, railing, stick, cramped_seat, cramped_stick])
def test_every_step_of_the_optimisation_runs_on_the_device(job, body: ShapedBody) -> None:
    """A missing move would mix devices and raise. The numbers are the CPU's, to the last bit."""
    item, plan, affordance = job()
    settings = brief()
    hypotheses = synthesise(item, plan, affordance, body, settings)
    at_home = optimise(item, plan, affordance, body, hypotheses, settings)[0]
    with elsewhere() as device:
        moved = replace(settings, device=str(device))
        away = optimise(item, plan, affordance, body, hypotheses, moved)[0]
    for name in ("pose", "trans", "T_world_object"):
        found = getattr(away, name)
        assert not isinstance(found, Pretended)
        assert torch.equal(found, getattr(at_home, name)), name
    assert away.terms == at_home.terms


@pytest.mark.parametrize("left", ["give", "grid", "start"])
def test_what_is_left_behind_is_noticed(left: str, body: ShapedBody) -> None:
    """The control of the test above: one noun that is not moved, and the stage fails."""
    item, plan, affordance = seat()
    settings = brief()
    hypotheses = synthesise(item, plan, affordance, body, settings)
    task, start = resolve(item, plan, affordance, body), start_of(hypotheses)
    with elsewhere() as device, computing_on(device):
        moved, begun = to_device(task, device), to_device(start, device)
        if left == "give":
            moved = replace(moved, give=task.give)
        elif left == "grid":
            moved = replace(moved, item=replace(moved.item, grid=item.grid))
        else:
            begun = start
        with pytest.raises((MixedDevices, AssertionError)):  # Torch refuses it, or warp.
            best(moved, begun, settings, 1, lambda _: None)
