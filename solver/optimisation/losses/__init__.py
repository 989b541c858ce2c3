"""The terms of the objective: pure functions from tensors to one number per hypothesis.

No weights here, no body, no plan. Every residual is divided by a physical sigma of about a
centimetre or a few degrees, so that one set of weights serves every job.
"""
