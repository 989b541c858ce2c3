"""A solver for tests: speaks the protocol, needs numpy only, misbehaves when the prompt says so."""
