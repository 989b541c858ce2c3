"""Pure geometry: frames, meshes, distances, rays. It knows neither bodies nor plans."""
