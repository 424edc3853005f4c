"""Drawings as SVG: small bars and a map. Told apart by length, brightness and pattern, not by hue;
each stands beside a table with the same figures."""

from collections.abc import Sequence
from html import escape

from django.utils.translation import gettext as _

from .written import whole

WIDTH, ROW, GAP = 640, 96, 26
INK, FILL, LINE, PAPER = "#1c2733", "#2f6690", "#c9d1d9", "#ffffff"
# From light to dark, for more and more.
STEPS = ("#f1f4f7", "#cfdfec", "#9dbfd9", "#5f93bb", "#2f6690", "#16405f")
FONT = "font-family='Libertinus Serif, sans-serif'"


def bars(names: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> str:
    """One row of bars for each series, each in its own scale, with its largest value written."""
    height = max(len(series), 1) * ROW
    parts = [_opening(WIDTH, height)]
    for n, (name, values) in enumerate(series):
        top, most = n * ROW, max(values, default=0)
        words = _("%(name)s (largest %(most)s)") % {"name": name, "most": whole(round(most))}
        parts.append(_text(0, top + 12, words, 12))
        floor = top + ROW - 16
        parts.append(f"<line x1='0' y1='{floor}' x2='{WIDTH}' y2='{floor}' stroke='{LINE}'/>")
        step = WIDTH / max(len(values), 1)
        for i, value in enumerate(values):
            tall = (ROW - 16 - GAP) * value / most if most > 0 else 0
            parts.append(
                f"<rect x='{i * step + step * 0.15:.1f}' y='{floor - tall:.1f}' "
                f"width='{step * 0.7:.1f}' height='{tall:.1f}' fill='{FILL}'/>"
            )
            if len(values) <= 12 or i % (len(values) // 12 + 1) == 0:  # noqa: PLR2004
                x = i * step + step / 2
                parts.append(_text(x, floor + 12, names[i], 10, "middle"))
    return "".join(parts) + "</svg>"


def ground(width: int, height: int, areas: Sequence[tuple[str, str, int, bool]]) -> str:
    """The areas (name, outline, count, whether that is few), the darker the more. Where it is few
    they are hatched; what nobody reported is white."""
    most = max((count for _name, _outline, count, few in areas if not few), default=0)
    parts = [
        _opening(width, height + 40),
        "<defs><pattern id='few' width='6' height='6' patternUnits='userSpaceOnUse' "
        f"patternTransform='rotate(45)'><rect width='6' height='6' fill='{PAPER}'/>"
        f"<line x1='0' y1='0' x2='0' y2='6' stroke='{FILL}' stroke-width='1.5'/></pattern></defs>",
    ]
    for name, outline, count, few in areas:
        fill = "url(#few)" if few else _shade(count, most)
        parts.append(
            f"<path d='{escape(outline, quote=True)}' fill='{fill}' stroke='{INK}' "
            f"stroke-width='0.6' fill-rule='evenodd'><title>{escape(name)}: {whole(count)}"
            f"{' *' if few else ''}</title></path>"
        )
    return "".join(parts) + _legend(height, most) + "</svg>"


def _shade(count: int, most: int) -> str:
    if count <= 0:
        return PAPER
    return STEPS[min(len(STEPS) - 1, 1 + (len(STEPS) - 1) * (count - 1) // max(most, 1))]


def _legend(top: int, most: int) -> str:
    x, parts = 0, []
    marks = [("0", PAPER), ("*", "url(#few)")]
    bounds = {_shade(n, most): n for n in range(most, 0, -max(most // 60, 1))}
    marks += [(f"≥ {whole(bounds[shade])}", shade) for shade in STEPS if shade in bounds]
    for words, fill in marks:
        parts.append(
            f"<rect x='{x}' y='{top + 14}' width='16' height='12' fill='{fill}' stroke='{INK}' "
            f"stroke-width='0.6'/>" + _text(x + 21, top + 24, words, 11)
        )
        x += 44 + 7 * len(words)
    return "".join(parts)


def _opening(width: int, height: int) -> str:
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
        f"width='{width}' height='{height}'>"
        f"<rect width='{width}' height='{height}' fill='{PAPER}'/>"
    )


def _text(x: float, y: float, words: str, size: int, anchor: str = "start") -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' {FONT} fill='{INK}' "
        f"text-anchor='{anchor}'>{escape(words)}</text>"
    )
