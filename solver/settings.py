"""Every knob of the solver: one tree of frozen dataclasses, units in the docstrings."""

from dataclasses import dataclass, field, replace
from typing import Literal

from .bounds import Quality
from .geometry.neighbours import Backend


@dataclass(frozen=True)
class Weights:
    """Weights of the objective. Every term is in units of its own physical sigma."""

    penetration: float = 1.0
    """Body vertices inside the object."""
    inclusion: float = 1.0
    """Pieces of the object inside the body."""
    contact: float = 1.0
    """Requested contacts: distance, opposing normals, centring, the right side of the surface."""
    own: float = 1.0
    """Requested contacts with the person's own body."""
    ground: float = 1.0
    """Nothing below the floor, planted parts on it."""
    solid: float = 1.0
    """How much more the deepest skin below the floor counts: with much, what rests there and
    cannot all at once is left a little above it rather than drawn through."""
    balance: float = 1.0
    """Centre of mass above the support."""
    limits: float = 1.0
    """Joint limits."""
    prior: float = 1.0
    """Nearness to the library pose and to the planned facing."""
    collision: float = 1.0
    """Body capsules against each other."""
    attitude: float = 1.0
    """How a held object is turned, and how high."""
    surroundings: float = 1.0
    """Overlap with other things of the scene, where the job brings one."""
    scale: float = 1.0
    """Nearness of a scaled object to the size of its kind."""
    support: float = 0.0
    """Forces at the contacts that balance the body's weight."""
    closure: float = 0.0
    """Forces of the hands that balance a held object's weight, in the chosen form."""


@dataclass(frozen=True)
class Phase:
    """A run of Adam whose weights glide from `first` to `last` and whose rate falls as a cosine."""

    steps: int
    rate: float
    """Radians per step at the start; metres for translations are half of it."""
    first: Weights
    last: Weights


ClosureForm = Literal["cone", "literal"]
"""`cone`: forces within friction cones that balance the object's weight. `literal`: the paper's
Eq. 9 word by word, the squared normal components at sparse contacts, which balances nothing."""


@dataclass(frozen=True)
class SynthesisSettings:
    """How starting points are searched for."""

    candidates: int = 600
    """Placements that are scored."""
    keep: int = 16
    """Hypotheses that go on."""
    poses: int = 10
    """Library poses that are tried."""


APPROACH = Phase(
    steps=60,
    rate=0.03,
    first=Weights(penetration=0.2, inclusion=0.5, collision=0.3),
    last=Weights(collision=0.3),
)
SETTLE = Phase(
    steps=60,
    rate=0.015,
    first=Weights(limits=2.0, prior=1.0, attitude=3.0, collision=2.0, ground=2.0),
    last=Weights(
        penetration=5.0,
        inclusion=5.0,
        surroundings=5.0,
        limits=2.0,
        prior=1.0,
        attitude=3.0,
        collision=2.0,
        ground=2.0,
    ),
)
BRINGING = Phase(steps=80, rate=0.03, first=Weights(penetration=0.2), last=Weights())
FINISH = Phase(
    steps=60,
    rate=0.006,
    first=Weights(
        penetration=6.0,
        inclusion=3.0,
        surroundings=6.0,
        limits=4.0,
        prior=0.8,
        attitude=3.0,
        collision=4.0,
        ground=10.0,
    ),
    last=Weights(
        penetration=30.0,
        inclusion=16.0,
        surroundings=30.0,
        limits=4.0,
        prior=0.8,
        attitude=3.0,
        collision=4.0,
        ground=10.0,
    ),
)


@dataclass(frozen=True)
class PolishSettings:
    """The last millimetres of the row that is shown: quasi-Newton steps within a cap."""

    rounds: int = 7
    """Between them distances and contacts are asked anew, and worse steps taken back."""
    iterations: int = 10
    """Of a round, at most."""
    cap: float = 0.03
    """Radians that a joint may turn in a round; metres are a third of it."""
    weights: Weights = Weights(
        penetration=60.0,
        inclusion=40.0,
        contact=2.0,
        surroundings=60.0,
        limits=8.0,
        prior=0.8,
        attitude=3.0,
        collision=80.0,
        ground=150.0,
        solid=40.0,
    )

    @property
    def work(self) -> float:
        """In the units of the progress bar."""
        return 4.0 * self.rounds * self.iterations


@dataclass(frozen=True)
class SearchSettings:
    """How long arms and grasps are searched for before any descent."""

    arm_rounds: int = 7
    """Of the cross-entropy search over an arm's angles; half of them for all rows."""
    arm_rows: int = 32
    """Rows that are searched to the end."""
    arm_samples: int = 8_000
    """Arms that are tried in a round, all rows together."""
    grasp_searches: int = 2
    """For the hand that carries the object: its grasp turns it, so it needs the most choice."""
    grasp_rounds: int = 3
    grasp_candidates: int = 96
    """Places of the object in the hand that are tried in each round."""
    rod_spots: int = 2
    """Pieces of a rod near a hand that it may take hold of."""
    rod_candidates: int = 20
    """Places of the rod in the hand that are tried in each round, for each quarter of the turns."""
    last_grip: bool = True
    """Hands on what does not ride on them close once more where they have come to rest."""


@dataclass(frozen=True)
class OptimisationSettings:
    """How hypotheses become solutions."""

    bringing: Phase = BRINGING
    """Where the object moves or is scaled: it does so beside persons that keep still."""
    approach: Phase = APPROACH
    """All hypotheses, a sample of the vertices, distances from the grid."""
    settle: Phase = SETTLE
    """The better half, harder weights."""
    finish: Phase = FINISH
    """The finalists, all vertices, exact distances both ways, fingers free."""
    polish: PolishSettings = field(default_factory=PolishSettings)
    """What is shown, where the finish left something too deep."""
    survivors: int = 8
    """Hypotheses that settle."""
    finalists: int = 3
    """Hypotheses that finish; at least as many as variants are asked for."""
    sample: int = 800
    """Body vertices in the first two phases."""
    closure: ClosureForm = "cone"
    """What `Weights.closure` weighs."""
    object_moves: bool = False
    """The paper's way: at first the object comes to the person (Eq. 6), then the person's pose is
    refined beside the resting object (Eq. 8). Else persons come to objects, and held objects ride
    on the hand that holds them."""
    rescale: bool = False
    """The object's size may change."""
    usual_length: float | None = None
    """Longest side of objects of this kind, metres; None: the object's own."""
    hands: bool = True
    """Closed hands are made exact, before the finish and after it."""
    steady: bool = False
    """Grasps are chosen also by whether they hold the object's weight."""
    refresh: int = 6
    """Steps between exact distance queries in the finish."""
    search: SearchSettings = field(default_factory=SearchSettings)


@dataclass(frozen=True)
class Settings:
    """Everything."""

    quality: Quality = "standard"
    seed: int = 0
    """Of all randomness."""
    synthesis: SynthesisSettings = field(default_factory=SynthesisSettings)
    optimisation: OptimisationSettings = field(default_factory=OptimisationSettings)
    device: str = "cpu"
    """What the optimisation computes on, in torch's words; the other stages stay on the CPU."""
    neighbours: Backend = "kdtree"
    """What finds the region point nearest to a body point."""


def refining(settings: Settings) -> Settings:
    """From a given pose few steps do, and the prior holds it firmly."""
    knobs = settings.optimisation

    def near(phase: Phase, steps: int, rate: float) -> Phase:
        firm = replace(phase.last, prior=NEARNESS)
        first = replace(phase.first, prior=NEARNESS)
        return replace(phase, steps=steps, rate=rate, first=first, last=firm)

    optimisation = replace(
        knobs, settle=near(knobs.settle, 40, 0.015), finish=near(knobs.finish, 16, 0.006),
        refresh=8, polish=PolishSettings(),
    )  # fmt: skip
    return replace(settings, optimisation=optimisation)


NEARNESS = 2.0
"""Weight of the prior where the pose was given."""


def settings_for(quality: Quality, seed: int = 0) -> Settings:
    """The settings of one quality: fine is four times the work of standard, draft a third of it."""
    if quality == "draft":
        search = SearchSettings(
            arm_rounds=5, arm_rows=16, arm_samples=4_000, grasp_searches=1, grasp_candidates=64,
            rod_spots=1, rod_candidates=16, last_grip=False,
        )  # fmt: skip
        paced = _paced((26, 22, 18), search)
        bare = PolishSettings(rounds=0)
        few = replace(paced, survivors=4, finalists=1, sample=500, refresh=9, polish=bare)
        return Settings(quality, seed, SynthesisSettings(candidates=300, keep=8), few)
    if quality == "fine":
        paced = _paced((120, 180, 120), SearchSettings(grasp_searches=4, rod_spots=4))
        more = replace(paced, survivors=16, finalists=5)
        return Settings(quality, seed, SynthesisSettings(candidates=1200, keep=32), more)
    return Settings(quality, seed)


def _paced(steps: tuple[int, int, int], search: SearchSettings) -> OptimisationSettings:
    """Other numbers of steps in the three phases, and another search."""
    approach, settle, finish = steps
    return OptimisationSettings(
        approach=replace(APPROACH, steps=approach),
        settle=replace(SETTLE, steps=settle),
        finish=replace(FINISH, steps=finish),
        search=search,
    )
