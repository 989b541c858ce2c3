"""Room 1: from a sentence to a plan in closed vocabularies."""
