"""Squatting poses. Angles: see `anatomy`."""

from .anatomy import both, left, right, trunk
from .sketch import Sketch, row

SKETCHES: tuple[Sketch, ...] = (
    row(
        "squat", "squat neutral", "left_foot right_foot",
        trunk((20, 0, 0), (38, 0, 0), (-37, 0, 0)),
        both(hip=(104, 17, 6), knee=114, ankle=(28, 4), collar=(3, 4), wrist=(49, 11)),
        left(shoulder=(-13, 63, 24, -24), elbow=(63, -4)),
        right(shoulder=(-17, 60, 17, -19), elbow=(63, -5)),
        note="heels down",
    ),
    row(
        "squat_toes", "squat neutral reach_down", "left_toes right_toes",
        trunk((9, 0, 0), (12, 0, 0), (-6, 0, 0)),
        both(hip=(99, 15, 4), knee=143, ankle=(16, 4), toes=37, collar=(-2, 0), shoulder=(-47, 26,
            -6, -1), elbow=(80, 29), wrist=(-2, 2)),
        note="on the balls of the feet",
    ),
    row(
        "squat_reach", "squat neutral point stroke", "left_toes right_toes",
        trunk((8, 0, 0), (12, 0, 0), (-8, 0, 0)),
        both(hip=(99, 16, 4), knee=142, ankle=(16, 4), toes=37),
        left(collar=(-2, 0), shoulder=(-47, 32, 4, -1), elbow=(84, 40), wrist=(-8, 2)),
        right(collar=(-4, 8), shoulder=(-22, 60, 20, -26), elbow=(38, 62), wrist=(-46, 0)),
        hands=(("relaxed", 0.5), ("flat", 0.5)),
        active="right_hand",
        note="on the balls of the feet, the right hand on what is ahead",
        variants=(right(shoulder=(-22, 0, 0, 0)), right(shoulder=(20, 0, 0, 0), elbow=(20, 0))),
    ),
    row(
        "squat_lift", "squat lift carry_front", "left_foot right_foot",
        trunk((30, 0, 0), (12, 0, 0), (-29, 0, 0)),
        both(knee=101),
        left(hip=(103, 19, 7), ankle=(26, 1), collar=(0, 5), shoulder=(-57, 26, 35, -17),
            elbow=(43, -22), wrist=(8, 7)),
        right(hip=(103, 21, 7), ankle=(26, 0), collar=(0, 6), shoulder=(-58, 26, 35, -16),
            elbow=(43, -21), wrist=(9, 7)),
        hands=(("flat", 0.7), ("flat", 0.7)),
        active="left_hand right_hand",
        note="back straight, the load between the feet",
        variants=(trunk(root=(-4, 0, 0)) | both(hip=(-14, 0, 0), knee=-20),),
    ),
    row(
        "crouch", "squat reach_down lift", "left_foot right_toes",
        trunk((27, 4, 0), (32, 7, 7), (-21, 0, -5)),
        left(hip=(97, 17, 22), knee=103, ankle=(29, 12), toes=0, collar=(-4, -1), shoulder=(-41,
            46, 26, -4), elbow=(16, 19), wrist=(8, 3)),
        right(hip=(76, 11, 3), knee=117, ankle=(28, -2), toes=40, collar=(-8, 18), shoulder=(-28,
            37, 46, -8), elbow=(1, 16), wrist=(-36, -5)),
        hands=(("relaxed", 0.5), ("power", 0.3)),
        active="right_hand",
        note="one foot ahead, the right hand reaches to the floor",
    ),
)  # fmt: skip
