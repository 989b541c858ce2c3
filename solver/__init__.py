"""The solver: a sentence and a mesh in, a posed person out. It knows torch and never Blender."""

__version__ = "0.1.0"
