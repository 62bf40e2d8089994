"""Every mixed model of a plan over several countries: every step of every round, each part with its own keys and sums."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from uuid import uuid4

import attrs
import numpy as np
from attrs import evolve
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from mewe_eval.analysis.found import Findings, Found
from mewe_eval.analysis.plans import ReadPlan
from mewe_eval.analysis.regressions import model_of_sums
from mewe_eval.federation.agreement import FEWEST_COUNTRIES, Agreement, Model, agreement, kept, left_aside
from mewe_eval.federation.country import Country
from mewe_eval.federation.hub import Hub
from mewe_eval.federation.masks import LARGEST
from mewe_eval.federation.messages import Round
from mewe_eval.federation.stages import two_stages, why_not
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable

_PROVIDED = 60
_SMALLEST = 2.0**-40
"""A column's sum of squares below which what is carried of it, multiples of 2^-96, would have fewer than 16 digits."""

_NOBODY = "Neither the hub nor any country was handed another country's rows or sums"


def federated(plan: ReadPlan, tables: Mapping[str, bytes]) -> Findings:
    """Every mixed model of a plan over countries, each with its table (CSV) by its code.

    Where all agree, the figures are those of the one table that nobody has; where one does not, each country's own estimates
    are put together. A model that the data do not allow says so in its place. Raises PlanFaults as ``agreement`` does.
    """
    return carried_out(agreement(plan, tables))


def carried_out(agreed: Agreement) -> Findings:
    """What was agreed on, carried out: a round for each model, with keys of its own."""
    plan = agreed.plan
    wholes = [(home.code, home.tables[None]) for home in agreed.homes]
    sha256 = hashlib.sha256("".join(f"{code} {table.sha256}\n" for code, table in wholes).encode()).hexdigest()
    notes = [
        f"Countries, with the SHA-256 of each one's data: {', '.join(f'{code} {table.sha256}' for code, table in wholes)}."
    ]
    if others := left_aside(plan.plan):
        notes.append(f"Of this plan only mixed models are carried out over countries; left aside: {', '.join(others)}.")
    found = tuple(_carried_out(plan, model) for model in agreed.models)
    rows = sum(table.rows for _, table in wholes)
    return Findings(plan.plan.title, plan.plan.version, plan.sha256, sha256, plan.plan.data.cut, rows, found, tuple(notes))


def _carried_out(plan: ReadPlan, model: Model) -> Found:
    try:
        found = _round(plan, model)
    except NotEstimable as refused:
        found = Found("mixed_model", "", "", refused=f"{refused.detail} ({refused.reason})")
    return evolve(found, name=model.name, about=model.wanted.about, level=model.wanted.level)


def begun(plan: ReadPlan, own: Mapping[str, Moments]) -> tuple[list[Country], Hub]:
    """The parts of a new round over countries with these sums, of the same columns: every key and the round's id made anew."""
    codes = tuple(own)
    around = Round(uuid4().hex, plan.sha256, _instruments(plan), codes, own[codes[0]].names, _largest(own.values()))
    signing = {code: Ed25519PrivateKey.generate() for code in codes}
    public = {code: key.public_key() for code, key in signing.items()}

    def verify(code: str, said: bytes, signature: bytes) -> bool:
        return signed_by(public[code], said, signature)

    countries = [
        Country(code, around, own[code], X25519PrivateKey.generate().private_bytes_raw(), signing[code].sign, verify)
        for code in codes
    ]
    return countries, Hub(around, verify)


def _round(plan: ReadPlan, model: Model) -> Found:
    """Every step of a round. Raises NotEstimable where the data of one country, or of all, do not allow the model."""
    own, codes = _own(model), tuple(home.code for home in model.homes)
    if len(codes) < FEWEST_COUNTRIES:
        has = f"{codes[0]} alone has" if codes else "no country has"
        raise NotEstimable("TOO_FEW_COUNTRIES", f"Rows with every column of this analysis: {has} any.")
    countries, hub = begun(plan, own)
    keys = [one.key() for one in countries]
    sizes = [one.sizes(keys) for one in countries]
    totals = hub.totals(sizes)
    votes = [one.vote(sizes) for one in countries]
    n, clusters = sum(size * count for size, count in totals.items()), sum(totals.values())
    if hub.all_agreed(votes):
        moments = kept(hub.moments([one.sums() for one in countries]), model.wanted.terms, model.levels)
        found = model_of_sums(fit(moments, _method(model)), model.wanted)
        found = evolve(found, method=f"{found.method}, of sums over {len(codes)} countries ({', '.join(codes)})")
        told = f"{_NOBODY}: only totals over all were read, from masked numbers."
    else:
        estimates = hub.estimates([one.estimate(_method(model)) for one in countries])
        found = two_stages(estimates, hub.around.names[:-1], model.wanted, why_not(totals, hub.against(votes)))
        told = f"{_NOBODY}: the hub read each country's own coefficients with their errors, and how many clusters of each size "
        told += "all have together. Rows and clusters are counted over all countries."
    return evolve(found, n=n, clusters=clusters, left_out={"a column is missing": model.rows - n}, notes=(*found.notes, told))


def _own(model: Model) -> dict[str, Moments]:
    """The sums of each country. Raises NotEstimable, with the country's code, if one has numbers that cannot be summed."""
    found = dict[str, Moments]()
    for home in model.homes:
        try:
            own = home.moments(model.wanted, model.levels)
        except NotEstimable as refused:
            raise NotEstimable(refused.reason, f"{home.code}: {refused.detail}") from None
        matrices = [own.cross, *(of_size.outer for of_size in own.sizes.values())]
        if not all((np.abs(one) < LARGEST).all() for one in matrices):
            raise NotEstimable("NOT_FINITE", f"{home.code}: a number is too large to be summed over countries.")
        squares = np.diag(own.cross)
        if ((squares > 0) & (squares < _SMALLEST)).any():
            raise NotEstimable(
                "NOT_FINITE", f"{home.code}: a column is too small to be summed over countries; use larger units."
            )
        found[home.code] = own
    return found


def _largest(several: Iterable[Moments]) -> int:
    """For the largest cluster a round provides: 60 rows, doubled until every country's fit, so that none tells its own."""
    largest, needed = _PROVIDED, max(max(own.sizes) for own in several)
    while largest < needed:
        largest *= 2
    return largest


def _instruments(plan: ReadPlan) -> str:
    """The SHA-256 of the scales, with their instruments, as canonical JSON."""
    scales = {name: attrs.asdict(one) for name, one in plan.plan.scales.items()}
    return hashlib.sha256(json.dumps(scales, sort_keys=True, default=str).encode()).hexdigest()


def _method(model: Model) -> Method:
    return Method(model.wanted.method.value.lower())


def signed_by(public: Ed25519PublicKey, said: bytes, signature: bytes) -> bool:
    """Whether a signature of some bytes was made with the private half of a key."""
    try:
        public.verify(signature, said)
    except InvalidSignature:
        return False
    return True
