"""Ending every device session of somebody else: a device that was stolen, somebody of the staff who left."""
