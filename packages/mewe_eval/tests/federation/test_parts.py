"""What each part tells, and that nothing is taken from a stranger, of another step, or from another meeting."""

import json
from collections.abc import Callable, Generator, Mapping
from typing import TypeVar

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mewe_core.kit.commands import Hear, Tell
from mewe_eval.analysis.found import Findings
from mewe_eval.analysis.plans import PlanFaults, ReadPlan, read_plan
from mewe_eval.analysis.shaping import tables
from mewe_eval.federation.agreement import Home
from mewe_eval.federation.messages import Message, MessageRefused
from mewe_eval.federation.parts import HUB, Meeting, Part, country_part, hub_part, in_one_process
from mewe_eval.federation.rounds import signed_by

T = TypeVar("T")
PLAN = b'title = "Trial"\nversion = "1"\n[mixed_model.m]\noutcome = "after"\nterms = ["before"]\ncluster = "group"'
Change = Callable[[str, Tell], str]


def table(seed: int, *, clusters: int = 6) -> bytes:
    """A country's rows: clusters of four."""
    rows = [
        f"{group},{(seed * 7 + group * 3 + one * 5) % 11},{(seed + group * 5 + one * one) % 13}"
        for group in range(clusters)
        for one in range(4)
    ]
    return "\n".join(["group,before,after", *rows]).encode()


class Countries:
    """A meeting of three countries; ``said``: everything that was told, by topic and who."""

    def __init__(self, plan: bytes = PLAN, meeting: str = "autumn", **contents: bytes) -> None:
        self.plan: ReadPlan = read_plan(plan)
        self.contents = contents or {code: table(seed) for seed, code in enumerate(("IT", "NL", "SE"), 1)}
        self.signing = {code: Ed25519PrivateKey.generate() for code in self.contents}
        self.meeting = Meeting(meeting, self.plan, tuple(self.contents), self._verify)
        self.said = dict[tuple[str, str], str]()

    def _verify(self, code: str, said: bytes, signature: bytes) -> bool:
        return signed_by(self.signing[code].public_key(), said, signature)

    def meet(self, change: Change = lambda _, told: told.said) -> Findings:
        """Carry it out; ``change`` is somebody in between."""
        parts = {
            code: self._overheard(
                code, country_part(self.meeting, Home(code, tables(self.plan.plan, content)), self.signing[code].sign), change
            )
            for code, content in self.contents.items()
        }
        return in_one_process(parts, self._overheard(HUB, hub_part(self.meeting), change))

    def _overheard(self, who: str, part: Part[T], change: Change) -> Generator[Tell | Hear, Mapping[str, str], T]:
        try:
            wanted = next(part)
            while True:
                if isinstance(wanted, Tell):
                    said = self.said[wanted.topic, who] = change(who, wanted)
                    yield evolve(wanted, said=said)
                    wanted = next(part)
                else:
                    wanted = part.send((yield wanted))
        except StopIteration as over:
            found: T = over.value
            return found


def test_the_hub_tells_nothing_and_no_sum_is_told_in_the_clear() -> None:
    """A country tells its offer, that it is ready, a key, masked sizes, a vote and masked sums."""
    countries = Countries()
    (found,) = countries.meet().analyses
    assert found.refused is None
    assert {who for _, who in countries.said} == {"IT", "NL", "SE"}
    assert sorted({topic for topic, _ in countries.said}) == ["key.0", "offer", "ready.0", "sizes.0", "sums.0", "vote.0"]
    ready = [json.loads(Message.from_text(countries.said["ready.0", code]).body) for code in ("IT", "NL", "SE")]
    assert ready == [{"names": ["(Intercept)", "before", "outcome of the model"], "largest": 60}] * 3
    for topic in ("sizes.0", "sums.0"):
        for code in ("IT", "NL", "SE"):
            body = json.loads(Message.from_text(countries.said[topic, code]).body)
            assert all(len(one) > 50 for one in body)


def test_every_meeting_has_keys_of_its_own() -> None:
    """No two countries or meetings share a key, also where everything else is the same."""
    first, second = Countries(), Countries()
    for one in (first, second):
        one.meet()
    keys = [
        Message.from_text(said).body for one in (first, second) for (topic, _), said in one.said.items() if topic == "key.0"
    ]
    assert len({*keys}) == len(keys) == 6


def _as(who: str, topic: str, said: Callable[[Message], str]) -> Change:
    """Somebody changes what one country says under one topic."""
    return lambda by, told: said(Message.from_text(told.said)) if (by, told.topic) == (who, topic) else told.said


@pytest.mark.parametrize("topic", ["offer", "ready.0", "key.0", "sizes.0", "vote.0", "sums.0"])
def test_what_was_changed_on_the_way_is_refused(topic: str) -> None:
    """One letter of a body, at any step, ends the meeting."""
    changed = _as("NL", topic, lambda one: evolve(one, body=f"{one.body} ").to_text())
    with pytest.raises(MessageRefused, match="NL did not sign this"):
        Countries().meet(changed)


@pytest.mark.parametrize("topic", ["offer", "ready.0", "key.0", "sizes.0", "vote.0", "sums.0"])
def test_what_another_country_said_is_refused(topic: str) -> None:
    """Under another's name, and under one's own in place of another's."""
    for code, told in (("IT", "IT did not sign this"), ("FR", "FR is not one of the countries")):
        with pytest.raises(MessageRefused, match=told):
            Countries().meet(_as("NL", topic, lambda one, code=code: evolve(one, country=code).to_text()))  # type: ignore[misc]


@pytest.mark.parametrize("topic", ["ready.0", "key.0", "sizes.0", "vote.0", "sums.0"])
def test_what_was_said_in_another_meeting_is_refused(topic: str) -> None:
    """Of the same countries with the same keys, plan and tables, under the same name: each offer is new."""
    countries = Countries()
    countries.meet()
    before = dict(countries.said)
    with pytest.raises(MessageRefused, match="NL did not sign this"):
        countries.meet(_as("NL", topic, lambda _: before[topic, "NL"]))


def test_an_old_offer_leads_nowhere() -> None:
    """It is signed, but whoever replays it has not signed what follows from it."""
    countries = Countries()
    countries.meet()
    before = dict(countries.said)

    def replayed(by: str, told: Tell) -> str:
        return before.get((told.topic, "NL"), "") if by == "NL" else told.said

    with pytest.raises(MessageRefused, match="NL did not sign this"):
        countries.meet(replayed)


@pytest.mark.parametrize("said", ["", "{}", "[]", '["NL", "dance", "{}", "00"]', '["NL", "key", "{}", "no"]', "[" * 100_000])
def test_what_is_no_message_is_refused(said: str) -> None:
    """In words, whatever it is."""
    with pytest.raises(MessageRefused, match="no message of a round"):
        Countries().meet(_as("NL", "key.0", lambda _: said))


def test_what_is_signed_and_is_nonsense_is_refused() -> None:
    """A country's own program may be broken: it is named."""
    for topic, body, told in (
        ("offer", "7", "NL did not say what it has"),
        (
            "offer",
            '{"sha256": "x", "rows": 1, "columns": {"m": {"kinds": 3, "rows": 1, "fault": ""}}}',
            "NL did not say which columns",
        ),
        ("offer", '{"sha256": "x", "rows": 1, "columns": {}}', "NL did not say which columns"),
        (
            "offer",
            '{"sha256": "x", "rows": 1, "columns": {"m": {"kinds": {}, "rows": 1, "fault": ""}}}',
            "NL did not say which columns",
        ),
        (
            "offer",
            '{"sha256": "x", "rows": 1, "columns": {"m": {"kinds": {"before": [1]}, "rows": 1, "fault": ""}}}',
            "which columns",
        ),
        ("ready.0", '{"names": ["before"], "largest": 7}', "NL did not say what it is ready for"),
        ("ready.0", '{"names": ["before"], "largest": 60}', "ready for different columns"),
        ("ready.0", "[]", "NL did not say what it is ready for"),
    ):
        countries = Countries()
        with pytest.raises(MessageRefused, match=told):
            countries.meet(_signed_anew(countries, topic, body))


def _signed_anew(countries: Countries, topic: str, body: str) -> Change:
    """NL says something else, and signs it."""
    from mewe_eval.federation.messages import Round, Step

    def change(by: str, told: Tell) -> str:
        if (by, told.topic) != ("NL", topic):
            return told.said
        around = countries.meeting.before()
        if topic != "offer":
            offers = {code: json.loads(Message.from_text(countries.said["offer", code]).body) for code in countries.contents}
            named = countries.meeting.round_of(0, _Model(countries.meeting.codes), offers)  # type: ignore[arg-type]
            around = Round(named.id, around.plan, around.instruments, around.countries, (), 0)
        step = Step(topic.partition(".")[0])
        said = around.context(step) + b"\n" + b"NL" + b"\n" + body.encode()
        return Message("NL", step, body, countries.signing["NL"].sign(said)).to_text()

    return change


class _Model:
    """As much of a model as names its round."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.codes = codes


def test_plans_that_do_not_fit_the_tables_stop_everybody() -> None:
    """The same sentence, whichever part one is."""
    with pytest.raises(PlanFaults, match='IT: column "after"'):
        Countries(IT=b"group,before\n1,2\n", SE=table(1)).meet()


def test_a_country_whose_rows_do_not_allow_the_model_is_named() -> None:
    """Nothing is told of sizes or sums then, and the others end as well."""
    wide = table(2).replace(b",5,", b",1e300,")
    countries = Countries(IT=table(1), SE=wide)
    (found,) = countries.meet().analyses
    assert (found.refused or "").startswith("SE: a number is too large to be summed over countries.")
    assert not [topic for topic, _ in countries.said if topic.startswith(("sizes", "sums", "key"))]


def test_a_round_provides_for_the_largest_cluster_of_any_country() -> None:
    """Nobody tells how large its own are: whether more than 60 rows, more than 120, and so on."""
    rows = [f"{group},{(group * 3 + one * 5) % 11},{(group * 5 + one * one) % 13}" for group in range(6) for one in range(70)]
    countries = Countries(IT="\n".join(["group,before,after", *rows]).encode(), SE=table(1, clusters=9))
    (found,) = countries.meet().analyses
    assert found.clusters == 15
    ready = {code: json.loads(Message.from_text(countries.said["ready.0", code]).body)["largest"] for code in ("IT", "SE")}
    assert ready == {"IT": 120, "SE": 60}
