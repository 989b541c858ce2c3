"""Learned models that the user has: each behind a Protocol with one method, loaded on demand.

The real loader, a tiny random model built in a test, and an oracle with a known answer are alike.
Nothing here runs by itself, downloads without being told to, or reads a pickle.
"""
