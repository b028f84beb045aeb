"""The head of a report: title, warning that data are synthetic, problems, the answer in short."""

from __future__ import annotations

from html import escape

from truststats.present.cards.result import caveat_words
from truststats.present.reports.html import badge, details, paragraph, problem_list
from truststats.present.reports.material import Material
from truststats.present.wording.group_words import in_group
from truststats.present.wording.numbers import fixed, integer, interval, percent
from truststats.present.wording.problem_words import problem_words

__all__ = ["foot", "head"]

_ALWAYS_SHOWN = 4


def head(material: Material) -> str:
    """Return title, banner, problems, key numbers and the claims in short."""
    say = material.say
    parts = [f"<h1>{escape(material.title)}</h1>"]
    if material.instrument is not None:
        name, version = material.instrument.name, material.instrument.version
        parts.append(
            paragraph(say("report.subtitle", instrument=name, version=version), "subtitle")
        )
    if material.synthetic:
        parts.append(
            f'<p class="banner" role="note"><strong>{escape(say("common.synthetic"))}</strong>'
            f"{escape(say('common.synthetic_long'))}</p>"
        )
    return "".join([*parts, _problems(material), _tiles(material), _in_short(material)])


def _problems(material: Material) -> str:
    say = material.say
    title = f'<h2 id="problems">{escape(say("report.problems"))}</h2>'
    if not material.problems:
        return f'<div class="card">{title}{paragraph(say("report.problems_none"))}</div>'
    said = [(p, *problem_words(p, say)) for p in material.problems]
    serious = [p for p in said if p[0].severity != "note"]
    first = serious[: max(_ALWAYS_SHOWN, sum(p[0].severity == "error" for p in serious))]
    rest = [p for p in said if p not in first]
    if not first:
        first, rest = rest[:_ALWAYS_SHOWN], rest[_ALWAYS_SHOWN:]
    body = paragraph(say("report.problems_lead"), "lead") + problem_list(first, say)
    if rest:
        body += details(say("report.more_problems", n=len(rest)), problem_list(rest, say))
    return f'<div class="card">{title}{body}</div>'


def _tiles(material: Material) -> str:
    say, code, survey = material.say, material.language, material.survey
    found: list[tuple[str, str]] = []
    if survey is not None:
        answered = int(survey.answered().sum())
        found.append((integer(answered, code), say("report.tile_people")))
        units = survey.clusters()
        if units is not None:
            found.append((integer(units.nunique(), code), say("report.tile_units")))
        response = survey.response()
        if response["invited"].notna().all() and response["invited"].sum() > 0:
            found.append(
                (
                    percent(answered / int(response["invited"].sum()), 0, code),
                    say("report.tile_response"),
                )
            )
        if survey.items:
            share = float(survey.missingness()["share_missing"].mean())
            found.append((percent(share, 1, code), say("report.tile_missing")))
    if material.verdicts is not None:
        found.append((str(len(material.verdicts)), say("report.tile_claims")))
    items = "".join(f"<li><b>{escape(a)}</b><span>{escape(b)}</span></li>" for a, b in found)
    return f'<ul class="tiles">{items}</ul>' if items else ""


def _in_short(material: Material) -> str:
    if material.verdicts is None:
        return ""
    say, code = material.say, material.language
    rows = []
    for row in material.verdicts:
        estimate = fixed(row.estimate, 2, code, bounded=True)
        ci = interval(row.ci_lower, row.ci_upper, 2, code, bounded=True)
        word = badge(say(f"verdict.{row.verdict}"), row.verdict)
        numbers = f"β = {estimate}, {say('column.ci')} {ci}"
        if "below_sesoi" in row.caveats:
            numbers += f"; {caveat_words('below_sesoi', say)}"
        rows.append(
            f"<li><span>{escape(in_group(row.group, row.statement_for(code), say))}</span>{word}"
            f'<span class="num">{escape(numbers)}</span></li>'
        )
    return (
        f'<div class="card"><h2>{escape(say("report.in_short"))}</h2>'
        f"{paragraph(say('report.verdicts_lead'), 'lead')}"
        f'<ul class="claims">{"".join(rows)}</ul></div>'
    )


def foot(material: Material) -> str:
    """Return what made the file."""
    import truststats

    say = material.say
    return paragraph(say("report.generated", version=truststats.__version__))
