"""A few shapes of SVG, escaped as they must be; a drawing is 360 units wide, so that its text is no smaller on a phone."""

from html import escape

from attrs import define, field

WIDTH = 360.0
SIZE = 12.0
"""Of text, in units; on a screen of 360 pixels these are pixels."""

LINE = 15.0
COLOUR = "#3a7ca5"
_EDGE = 4.0
_GLYPH = 0.54
"""How wide a letter is on average, of its size; a little more than it is, so that nothing is cut off."""


def wrapped(text: str, width: float, size: float = SIZE) -> list[str]:
    """A text in lines that fit into a width; a word that does not fit stands alone."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and wide(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def wide(text: str, size: float = SIZE) -> float:
    """About how wide a text is."""
    return len(text) * size * _GLYPH


@define
class Drawing:
    """A drawing that grows downward. ``font``: the family of its text."""

    font: str
    y: float = 4.0
    parts: list[str] = field(factory=list)

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> None:
        """A line of text with its baseline at ``y``."""
        weight = ' font-weight="700"' if bold else ""
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        self.parts.append(f'<text {place} font-size="{SIZE:g}" fill="currentColor"{weight}>{escape(text)}</text>')

    def lines(self, x: float, text: str, width: float, *, bold: bool = False) -> None:
        """A text in as many lines as it takes, from where the drawing ends."""
        for line in wrapped(text, width):
            self.y += LINE
            self.text(x, self.y - 3, line, bold=bold)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, thick: float = 1.5, dash: str = "", faint: bool = False
    ) -> None:
        """A straight line."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        pale = ' stroke-opacity="0.35"' if faint else ""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} stroke="currentColor" stroke-width="{thick:g}"{dashed}{pale}/>')

    def box(self, x: float, y: float, width: float, height: float, *, filled: bool = True) -> None:
        """A rectangle, full of colour or an empty frame."""
        inside = f'fill="{COLOUR}"' if filled else 'fill="none" stroke="currentColor" stroke-opacity="0.5"'
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" {inside}/>')

    def dot(self, x: float, y: float) -> None:
        """A filled dot."""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOUR}" stroke="currentColor"/>')

    def diamond(self, x1: float, x: float, x2: float, y: float) -> None:
        """A diamond from one place to another with its widest part between: several estimates put together."""
        corners = f"{x1:.1f},{y:.1f} {x:.1f},{y - 7:.1f} {x2:.1f},{y:.1f} {x:.1f},{y + 7:.1f}"
        self.parts.append(f'<polygon points="{corners}" fill="{COLOUR}" stroke="currentColor"/>')

    def done(self, title: str, description: str) -> str:
        """The drawing, whole."""
        height = self.y + 6
        told = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_EDGE:g} 0 {WIDTH + 2 * _EDGE:g} {height:.1f}" role="img" '
        family = f'font-family="{escape(self.font, quote=True)}"'
        name = escape(title, quote=True)
        return f'{head}aria-label="{name}" {family}>{told}{"".join(self.parts)}</svg>'
