"""Hands around things: fingers that close until they touch, and the search for a grasp."""

from .closing import Closed, close_fingers
from .hand import Hand, make_hand
from .hold import hold
from .search import Grasp, find_grasps

__all__ = ["Closed", "Grasp", "Hand", "close_fingers", "find_grasps", "hold", "make_hand"]
