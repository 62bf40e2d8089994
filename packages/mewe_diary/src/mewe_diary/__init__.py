"""The diary: what seals and opens it (``mewe_diary.envelope``), on the writer's device; and the feature that keeps it."""
