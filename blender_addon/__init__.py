"""Interact Anything: a person into contact with any object, from one sentence."""
