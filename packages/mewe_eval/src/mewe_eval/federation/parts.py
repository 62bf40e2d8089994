"""What each country and the hub do, one step after the other: they say things, and wait for what others say.

A part is a generator: it yields what it tells and whom it waits for, and is sent what they said. So it is the same whether all
parts are in one process or each in one of its own, and knows nothing of how words get from one to the other.
"""

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from typing import TypeAlias, TypeVar
from uuid import uuid4

import attrs
import numpy as np
from attrs import evolve, frozen
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from mewe_core.kit.commands import Hear, Tell

from mewe_eval.analysis.design import columns_of
from mewe_eval.analysis.found import Findings, Found
from mewe_eval.analysis.plans import ReadPlan
from mewe_eval.analysis.regressions import model_of_sums
from mewe_eval.federation.agreement import (
    FEWEST_COUNTRIES,
    Columns,
    Home,
    Kinds,
    Model,
    Offer,
    kept,
    left_aside,
    models_of,
)
from mewe_eval.federation.country import Country
from mewe_eval.federation.hub import Hub
from mewe_eval.federation.masks import LARGEST
from mewe_eval.federation.messages import Message, MessageRefused, Round, Sign, Step, Verify, bodies_of, signed
from mewe_eval.federation.stages import two_stages, why_not
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable

HUB = "hub"
"""What the hub is called among the parts; every other part is called by its country's code."""

_PROVIDED = 60
_MOST_ROWS = 1 << 40
_SMALLEST = 2.0**-40
"""A column's sum of squares below which what is carried of it, multiples of 2^-96, would have fewer than 16 digits."""

_NOBODY = "Neither the hub nor any country was handed another country's rows or sums"

T = TypeVar("T")
Part: TypeAlias = Generator[Tell | Hear, Mapping[str, str], T]


@frozen
class Meeting:
    """Who carries out which plan together. ``id``: a name that no other meeting of these countries had."""

    id: str
    plan: ReadPlan
    codes: tuple[str, ...]
    verify: Verify

    def before(self) -> Round:
        """What is signed before there is a round."""
        return Round(self.id, self.plan.sha256, _instruments(self.plan), self.codes, ())

    def round_of(self, number: int, model: Model, bodies: Mapping[str, object]) -> Round:
        """The round of a model before its columns are known: bound to every country's offer, each of which is new."""
        said = json.dumps([self.id, number, bodies], sort_keys=True)
        named = hashlib.sha256(said.encode()).hexdigest()
        return Round(named, self.plan.sha256, _instruments(self.plan), model.codes, (), 0)


def country_part(meeting: Meeting, home: Home, sign: Sign) -> Part[None]:
    """A country's part. Raises PlanFaults as ``models_of`` does, MessageRefused for what does not belong here."""
    plan, before = meeting.plan, meeting.before()
    body = {**attrs.asdict(home.offer(plan.plan)), "nonce": uuid4().hex}
    bodies = bodies_of((yield from _all(before, Step.OFFER, home.code, body, sign, "")), before, Step.OFFER, meeting.verify)
    for number, model in enumerate(models_of(plan, _offers(bodies, plan))):
        if home.code not in model.codes or len(model.codes) < FEWEST_COUNTRIES:
            continue
        yield from _of_country(meeting, home, sign, model, meeting.round_of(number, model, bodies), str(number))


def hub_part(meeting: Meeting) -> Part[Findings]:
    """The hub's part: what was found. Raises PlanFaults and MessageRefused as a country's does."""
    plan, before = meeting.plan, meeting.before()
    bodies = bodies_of((yield from _heard(before, Step.OFFER, "")), before, Step.OFFER, meeting.verify)
    offers = _offers(bodies, plan)
    found = list[Found]()
    for number, model in enumerate(models_of(plan, offers)):
        around = meeting.round_of(number, model, bodies)
        try:
            one = yield from _of_hub(meeting, model, around, str(number))
        except NotEstimable as refused:
            one = Found("mixed_model", "", "", refused=f"{refused.detail} ({refused.reason})")
        found.append(evolve(one, name=model.name, about=model.wanted.about, level=model.wanted.level))
    sha256 = hashlib.sha256("".join(f"{one.code} {one.sha256}\n" for one in offers).encode()).hexdigest()
    notes = [f"Countries, with the SHA-256 of each one's data: {', '.join(f'{one.code} {one.sha256}' for one in offers)}."]
    if others := left_aside(plan.plan):
        notes.append(f"Of this plan only mixed models are carried out over countries; left aside: {', '.join(others)}.")
    rows, asked = sum(one.rows for one in offers), plan.plan
    return Findings(asked.title, asked.version, plan.sha256, sha256, asked.data.cut, rows, tuple(found), tuple(notes))


def in_one_process(parts: Mapping[str, Part[None]], hub: Part[T]) -> T:
    """Every part by turns, as far as what it waits for was said; what the hub found."""
    said, waiting, found = dict[tuple[str, str], str](), dict[str, Hear | None](), list[T]()
    every: dict[str, Part[T] | Part[None]] = {**parts, HUB: hub}
    waiting = dict.fromkeys(every)
    while waiting:
        for name, hears in list(waiting.items()):
            if hears is not None and any((hears.topic, one) not in said for one in hears.of):
                continue
            sends = None if hears is None else {one: said[hears.topic, one] for one in hears.of}
            try:
                wanted = every[name].send(sends) if sends is not None else next(every[name])
                while isinstance(wanted, Tell):
                    said[wanted.topic, name] = wanted.said
                    wanted = next(every[name])
                waiting[name] = wanted
            except StopIteration as over:
                del waiting[name]
                found += [over.value] if name == HUB else []
    return found[0]


def _of_country(meeting: Meeting, home: Home, sign: Sign, model: Model, blank: Round, number: str) -> Part[None]:
    """A country's part in the round of one model."""
    own, told = _own(home, model)
    ready = yield from _all(blank, Step.READY, home.code, told, sign, number)
    around = _around(blank, bodies_of(ready, blank, Step.READY, meeting.verify))
    if around is None or own is None:
        return
    secret = X25519PrivateKey.generate().private_bytes_raw()
    country = Country(home.code, around, own, secret, sign, meeting.verify)
    keys = yield from _told(country.key(), around, number)
    sizes = yield from _told(country.sizes(keys), around, number)
    votes = yield from _told(country.vote(sizes), around, number)
    bodies = bodies_of(votes, around, Step.VOTE, meeting.verify)
    last = country.sums() if all(one is True for one in bodies.values()) else country.estimate(_method(model))
    yield Tell(_topic(last.step, number), last.to_text())


def _of_hub(meeting: Meeting, model: Model, blank: Round, number: str) -> Part[Found]:
    """The hub's part in it. Raises NotEstimable where the data of one country, or of all, do not allow the model."""
    if len(model.codes) < FEWEST_COUNTRIES:
        has = f"{model.codes[0]} alone has" if model.codes else "no country has"
        raise NotEstimable("TOO_FEW_COUNTRIES", f"Rows with every column of this analysis: {has} any.")
    ready = bodies_of((yield from _heard(blank, Step.READY, number)), blank, Step.READY, meeting.verify)
    around = _around(blank, ready)
    if around is None:
        raise next(iter(_refused(ready)))
    hub, codes = Hub(around, meeting.verify), model.codes
    totals = hub.totals((yield from _heard(around, Step.SIZES, number)))
    votes = yield from _heard(around, Step.VOTE, number)
    n, clusters = sum(size * count for size, count in totals.items()), sum(totals.values())
    if hub.all_agreed(votes):
        moments = kept(hub.moments((yield from _heard(around, Step.SUMS, number))), model.wanted.terms, model.levels)
        found = model_of_sums(fit(moments, _method(model)), model.wanted)
        found = evolve(found, method=f"{found.method}, of sums over {len(codes)} countries ({', '.join(codes)})")
        told = f"{_NOBODY}: only totals over all were read, from masked numbers."
    else:
        estimates = hub.estimates((yield from _heard(around, Step.ESTIMATE, number)))
        found = two_stages(estimates, around.names[:-1], model.wanted, why_not(totals, hub.against(votes)))
        told = f"{_NOBODY}: the hub read each country's own coefficients with their errors, and how many clusters of each size "
        told += "all have together. Rows and clusters are counted over all countries."
    return evolve(found, n=n, clusters=clusters, left_out={"a column is missing": model.rows - n}, notes=(*found.notes, told))


def _own(home: Home, model: Model) -> tuple[Moments | None, object]:
    """A country's sums, and what it tells of being ready: the columns, and what it needs to be provided for; or why not."""
    try:
        own = home.moments(model.wanted, model.levels)
    except NotEstimable as refused:
        return None, {"refused": refused.reason, "detail": refused.detail}
    if fault := _not_summable(own):
        return None, {"refused": "NOT_FINITE", "detail": fault}
    return own, {"names": list(own.names), "largest": _largest(own)}


def _not_summable(own: Moments) -> str:
    matrices = [own.cross, *(of_size.outer for of_size in own.sizes.values())]
    if not all((np.abs(one) < LARGEST).all() for one in matrices):
        return "a number is too large to be summed over countries."
    squares = np.diag(own.cross)
    if ((squares > 0) & (squares < _SMALLEST)).any():
        return "a column is too small to be summed over countries; use larger units."
    return ""


def _largest(own: Moments) -> int:
    """For the largest cluster a round provides: 60 rows, doubled until a country's fit, so that none tells its own."""
    largest = _PROVIDED
    while largest < max(own.sizes):
        largest *= 2
    return largest


def _around(blank: Round, ready: Mapping[str, object]) -> Round | None:
    """The round, once all are ready; None if one cannot be. Raises MessageRefused if they are not of the same columns."""
    if _refused(ready):
        return None
    names, largest = list[tuple[str, ...]](), list[int]()
    for code, body in ready.items():
        match body:
            case {"names": [*columns], "largest": int(rows)} if _PROVIDED <= rows <= _MOST_ROWS:
                names.append(tuple(map(str, columns)))
                largest.append(rows)
            case _:
                raise MessageRefused(f"{code} did not say what it is ready for")
    if len({*names}) != 1:
        raise MessageRefused("the countries are ready for different columns")
    return evolve(blank, names=names[0], largest=max(largest))


def _refused(ready: Mapping[str, object]) -> list[NotEstimable]:
    found = list[NotEstimable]()
    for code, body in ready.items():
        match body:
            case {"refused": str(reason), "detail": str(detail)}:
                found.append(NotEstimable(reason, f"{code}: {detail}"))
    return found


def _offers(bodies: Mapping[str, object], plan: ReadPlan) -> list[Offer]:
    """What every country offers, by code. Raises MessageRefused for what is no offer for this plan."""
    found = list[Offer]()
    for code, body in sorted(bodies.items()):
        match body:
            case {"sha256": str(sha256), "rows": int(rows), "columns": dict(columns)}:
                found.append(Offer(code, sha256, rows, {str(name): _columns(code, one) for name, one in columns.items()}))
            case _:
                raise MessageRefused(f"{code} did not say what it has")
        for name, wanted in plan.plan.mixed_model.items():
            told = found[-1].columns.get(name)
            declared = wanted.long is None or wanted.long in plan.plan.long
            if declared and (told is None or (told.kinds is not None and {*told.kinds} != {*columns_of(wanted.terms)})):
                raise MessageRefused(f"{code} did not say which columns it has")
    return found


def _columns(code: str, body: object) -> Columns:
    match body:
        case {"kinds": None, "rows": int(rows), "fault": str(fault)}:
            return Columns(None, rows, fault)
        case {"kinds": dict(several), "rows": int(rows), "fault": ""} if all(_is_kind(one) for one in several.values()):
            kinds: Kinds = {str(name): None if one is None else tuple(one) for name, one in several.items()}
            return Columns(kinds, rows)
    raise MessageRefused(f"{code} did not say which columns it has")


def _is_kind(body: object) -> bool:
    return body is None or (isinstance(body, list) and all(isinstance(one, str) for one in body))


def _all(around: Round, step: Step, code: str, body: object, sign: Sign, number: str) -> Part[Sequence[Message]]:
    return (yield from _told(signed(around, code, step, body, sign), around, number))


def _told(own: Message, around: Round, number: str) -> Part[Sequence[Message]]:
    """Say one's own, and wait for everybody's."""
    yield Tell(_topic(own.step, number), own.to_text())
    return (yield from _heard(around, own.step, number))


def _heard(around: Round, step: Step, number: str) -> Part[Sequence[Message]]:
    heard = yield Hear(_topic(step, number), around.countries)
    return [Message.from_text(one) for one in heard.values()]


def _topic(step: Step, number: str) -> str:
    return f"{step.value}.{number}" if number else step.value


def _instruments(plan: ReadPlan) -> str:
    """The SHA-256 of the scales, with their instruments, as canonical JSON."""
    scales = {name: attrs.asdict(one) for name, one in plan.plan.scales.items()}
    return hashlib.sha256(json.dumps(scales, sort_keys=True, default=str).encode()).hexdigest()


def _method(model: Model) -> Method:
    return Method(model.wanted.method.value.lower())
