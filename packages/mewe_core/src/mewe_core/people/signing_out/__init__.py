"""Ending every device session of somebody else: of a stolen device, or of who left the staff, whose roles are ended besides."""
