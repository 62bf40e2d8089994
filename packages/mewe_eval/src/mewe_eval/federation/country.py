"""A country's part of a round: it computes at home, and what leaves it is masked, signed, and agreed to."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import define, field

from mewe_eval.federation.masks import MaskKey, masked
from mewe_eval.federation.messages import Message, MessageRefused, Round, Sign, Step, Verify, bodies_of, signed, totals_of
from mewe_eval.federation.rules import agreed
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable


@define
class Country:
    """One country in one round. ``secret``: 32 random bytes for this round alone; ``moments``: the sums of its own table.

    Its steps are called in their order. Raises MessageRefused where another country's message does not belong here, ValueError
    if the moments are of other columns than the round's, or hold a cluster larger than it provides for.
    """

    code: str
    around: Round
    moments: Moments
    secret: bytes = field(repr=False)
    sign: Sign
    verify: Verify
    _keys: dict[str, bytes] = field(factory=dict, init=False)
    _agreed: Mapping[int, int] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        if self.moments.names != self.around.names:
            raise ValueError("the sums are of other columns than the round's")
        if max(self.moments.sizes) > self.around.largest:
            raise ValueError(f"a cluster is larger than the {self.around.largest} that the round provides for")

    def key(self) -> Message:
        """Step one: the public half of its key of this round."""
        return self._signed(Step.KEY, MaskKey(self.secret).public.hex())

    def sizes(self, keys: Sequence[Message]) -> Message:
        """Step two, with every country's key: how many clusters of each size it has, masked."""
        told = bodies_of(keys, self.around, Step.KEY, self.verify)
        self._keys = {code: bytes.fromhex(str(key)) for code, key in told.items() if code != self.code}
        counts = [float(self._own.get(size, 0)) for size in self._every_size]
        return self._signed(Step.SIZES, self._masked(counts, Step.SIZES))

    def vote(self, sizes: Sequence[Message]) -> Message:
        """Step three, with every country's masked sizes: whether it agrees to the sums, by totals that it works out itself."""
        totals = totals_of(sizes, self.around, self.verify)
        agrees = agreed(totals, self._own)
        self._agreed = totals if agrees else None
        return self._signed(Step.VOTE, agrees)

    def sums(self) -> Message:
        """Step four, where all agreed: its sums, masked. Raises MessageRefused if it has not agreed."""
        if self._agreed is None:
            raise MessageRefused(f"{self.code} has not agreed to these sums")
        upper = np.triu_indices(len(self.around.names))
        values = [float(self.moments.n), *self.moments.cross[upper].tolist()]
        for size in sorted(size for size, total in self._agreed.items() if total):
            own = self.moments.sizes.get(size)
            values += [0.0] * len(upper[0]) if own is None else own.outer[upper].tolist()
        return self._signed(Step.SUMS, self._masked(values, Step.SUMS))

    def estimate(self, method: Method) -> Message:
        """Where not all agreed: its own estimates of each coefficient, as [value, error]; none if it cannot estimate any."""
        try:
            own = fit(self.moments, method)
        except NotEstimable as refused:
            return self._signed(Step.ESTIMATE, {"refused": refused.reason})
        told = zip(own.moments.predictors, own.coefficients.tolist(), own.errors.tolist(), strict=True)
        return self._signed(Step.ESTIMATE, {"coefficients": {name: [value, error] for name, value, error in told}})

    @property
    def _own(self) -> dict[int, int]:
        return {size: of_size.count for size, of_size in self.moments.sizes.items()}

    @property
    def _every_size(self) -> range:
        return range(1, self.around.largest + 1)

    def _masked(self, values: Sequence[float], step: Step) -> list[str]:
        shown = masked(values, self.code, MaskKey(self.secret), self._keys, self.around.context(step))
        return [format(one, "x") for one in shown]

    def _signed(self, step: Step, body: object) -> Message:
        return signed(self.around, self.code, step, body, self.sign)
