"""What a report says, in the language that it is in, and how its numbers read there."""

from collections.abc import Mapping

from attrs import frozen
from mewe_core.kit.texts import FALLBACK, languages, say

from mewe_eval.instruments.model import Instrument
from mewe_eval.protocol.definition import Outcome
from mewe_eval.reports.model import Figure, State, Style

_PACKAGE = "mewe_eval.reports"
_COMMA = {"sv"}
_DECIMALS = {Style.COUNT: 0, Style.PERCENT: 0, Style.NUMBER: 2, Style.CHANGE: 2}
_MINUS = "\N{MINUS SIGN}"
_THIN = "\N{NARROW NO-BREAK SPACE}"


@frozen
class Wording:
    """The texts of one language. ``asked``: the one that was asked for; ``language``: that, or English where there is none."""

    asked: str

    @property
    def language(self) -> str:
        """The language that there are texts in."""
        plain = self.asked.split("-")[0]
        return plain if plain in languages(_PACKAGE) else FALLBACK

    def say(self, key: str, **arguments: str) -> str:
        """A text, filled in."""
        return say(_PACKAGE, self.language, key, **arguments)

    def unread(self) -> tuple[str, ...]:
        """That the report is in another language than was asked for, if it is."""
        return () if self.asked.split("-")[0] == self.language else (self.say("other-language", asked=self.asked),)

    def of(self, texts: Mapping[str, str], otherwise: str) -> str:
        """The text in this language, else in English, else whatever there is."""
        return texts.get(self.language) or texts.get(FALLBACK) or next(iter(texts.values()), otherwise)

    def level(self, word: str) -> str:
        """What is known of somebody, in this language if it is one of the usual words."""
        try:
            return self.say(f"level-{word}")
        except KeyError:
            return word

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """A number with so many decimals, as it is written in this language."""
        text = f"{abs(value):,.{decimals}f}"
        nothing = not any(one in text for one in "123456789")
        sign = "" if nothing else _MINUS if value < 0 else "+" if signed else ""
        if self.language in _COMMA:
            text = text.replace(",", _THIN).replace(".", ",")
        return sign + text

    def value(self, figure: Figure, decimals: int | None = None) -> str:
        """The number of a figure, or that it is not shown, or not known."""
        if figure.state is State.HIDDEN:
            return self.say("not-shown")
        if figure.value is None or figure.state is State.UNKNOWN:
            return self.say("not-known")
        places = _DECIMALS[figure.style] if decimals is None else decimals
        text = self.number(figure.value, places, signed=figure.style is Style.CHANGE)
        return f"{text}\N{NO-BREAK SPACE}%" if figure.style is Style.PERCENT else text

    def interval(self, figure: Figure) -> str:
        """From where to where, or nothing."""
        if not figure.is_shown or figure.low is None or figure.high is None:
            return ""
        signed, places = figure.style is Style.CHANGE, _DECIMALS[figure.style]
        low, high = (self.number(one, places, signed=signed) for one in (figure.low, figure.high))
        return self.say("interval", low=low, high=high)

    def whole(self, figure: Figure) -> str:
        """The number with its interval, or with its standard deviation."""
        deviation = f" ({self.number(figure.deviation, 2)})" if figure.is_shown and figure.deviation is not None else ""
        return " ".join(one for one in (self.value(figure) + deviation, self.interval(figure)) if one)

    def people(self, figure: Figure) -> str:
        """How many people a figure is of."""
        if figure.n is not None:
            return self.number(figure.n)
        return self.say("not-shown") if figure.state is not State.UNKNOWN else ""

    def outcome(self, name: str, outcome: Outcome, instrument: Instrument) -> str:
        """What an outcome is called: the question as it is asked, or the instrument with its scale."""
        if outcome.item is not None:
            wording = instrument.texts.get(self.language) or instrument.texts.get(FALLBACK)
            return name if wording is None else wording.items.get(outcome.item, name)
        title = self.of(instrument.title, name)
        return title if outcome.scale in (None, "total") else f"{title}: {outcome.scale}"

    def ends(self, outcome: Outcome, instrument: Instrument) -> tuple[str, str]:
        """How the lowest and the highest value of an outcome read."""
        if outcome.item is None:
            scale = instrument.scale(outcome.scale or "")
            return self.number(scale.low), self.number(scale.high)
        item = next(one for one in instrument.items if one.id == outcome.item)
        values = instrument.allowed(item)
        wording = instrument.texts.get(self.language) or instrument.texts.get(FALLBACK)
        labels = () if wording is None else wording.answers.get(item.answers or next(iter(instrument.answers)), ())
        if not labels:
            return self.number(values[0]), self.number(values[-1])
        first, last = self.number(values[0]), self.number(values[-1])
        return f"{first} = {labels[0]}", f"{last} = {labels[-1]}"
