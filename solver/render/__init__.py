"""Pictures by ray casting: what a camera sees of a mesh, and a shaded image of it."""
