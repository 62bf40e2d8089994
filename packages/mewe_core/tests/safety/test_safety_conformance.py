"""The kit's rules, held up to safety."""

from mewe_core.kit.conformance import Conformance


class TestSafety(Conformance):
    """With nothing there yet."""

    feature = "safety"
