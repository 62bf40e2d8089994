"""Wrong codes are counted, and looked at more slowly once there are many."""
