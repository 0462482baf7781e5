"""How long a run takes and how much memory it needs, and how both grow with people and members.

`python -m benchmarks` from the root of the repository prints what was measured, where and how sure; nothing
is kept unless it is asked for. Every figure comes from a process of its own, so that one case cannot warm or
fill the next.
"""
