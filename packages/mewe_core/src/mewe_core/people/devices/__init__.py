"""A session bound to a key that the device cannot export: what was copied from the device does not refresh it.

The device makes a P-256 key that never leaves it and tells the public half when the session begins. From then on each refresh
is signed with it, over a challenge that the server made minutes ago at most. Challenges of a session rise: one that was
answered, and all made before it, are refused, so that nothing can be replayed.
"""
