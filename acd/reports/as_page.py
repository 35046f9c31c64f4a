"""A report as one HTML file that stands alone: figures with their charts, light, dark and on paper, no script, nothing fetched.

Each heading of a figure leads to its definition at the end of the page.
"""

from collections.abc import Iterator
from html import escape

from acd.reports import pictures
from acd.reports.contents import Language, Report, Row, Section
from acd.reports.figures import Figure, shown
from acd.words.reports import FIGURES, WORDS, said

_LANGUAGES = {"en": "en", "zh": "zh-CN"}
_STYLE = """
:root{color-scheme:light dark;--ground:#fff;--text:#16202c;--quiet:#55616e;--line:#d8dde3;--done:#0b57b0;--rest:#c3ccd6;--bad:#a3161c;--few:#9aa5b1}
@media (prefers-color-scheme:dark){:root{--ground:#10151b;--text:#e9eef3;--quiet:#a4b0bc;--line:#323c47;--done:#5f9fe8;--rest:#3d4854;
--bad:#ff9d99;--few:#6b7783}}
body{margin:0 auto;padding:1.5rem;max-width:76rem;background:var(--ground);color:var(--text);
font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif}
h1{font-size:1.6rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .6rem}p{margin:.2rem 0}a{color:inherit;text-decoration-color:var(--quiet)}
.quiet,.few{color:var(--quiet)}.few{font-style:italic}.missed{color:var(--bad);font-weight:600}
.beside{display:grid;gap:1rem 2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));margin:1rem 0}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.3rem}svg{width:100%;height:auto;display:block}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{font-weight:500;color:var(--quiet);vertical-align:bottom;white-space:normal}
th:first-child,td:first-child{text-align:left}tr.total td{border-top:2px solid var(--line);font-weight:600}
dt{font-weight:600;margin-top:.8rem}dd{margin:0;max-width:46rem}dt:target,dt:target+dd{background:color-mix(in srgb,var(--done) 14%,transparent)}
svg text{fill:var(--text);font-size:12px}svg .axis{fill:var(--quiet);font-size:11px}.grid{stroke:var(--line)}.target{stroke:var(--text);stroke-dasharray:4 3}
.done{fill:var(--done)}.rest{fill:var(--rest)}svg .missed{fill:var(--bad)}svg rect.few{fill:var(--few)}
@media print{:root{--ground:#fff;--text:#000;--quiet:#444;--line:#bbb;--done:#0b57b0;--rest:#c3ccd6;--bad:#a3161c;--few:#9aa5b1}
@page{size:A4 landscape;margin:12mm}body{padding:0;font-size:9pt;max-width:none}.scroll{overflow:visible}th,td{padding:.15rem .3rem}
tr,figure,dt,dd{break-inside:avoid}h2,dt{break-after:avoid}thead{display:table-header-group}svg rect{print-color-adjust:exact}}
"""


def as_page(report: Report, language: Language) -> bytes:
    """The page, UTF-8."""
    return "\n".join(_lines(report, language)).encode()


def _lines(report: Report, language: Language) -> Iterator[str]:
    title = f"{report.hotline}: {WORDS['report'][language]} {report.span}"
    yield f'<!doctype html><html lang="{_LANGUAGES[language]}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(report.hotline)} · {escape(WORDS['report'][language])}</h1>"
    span = said("span", language, first=report.span.first, last=report.span.last, zone=report.zone)
    made = said("made", language, at=f"{report.made_at:%Y-%m-%d %H:%M}")
    yield f'<p>{escape(span)}</p><p class="quiet">{escape(made)}</p>'
    if report.queues:
        named = ", ".join(label[language] for label in report.queues)
        yield f"<p>{escape(said('only', language, queues=named))}</p>"
    if not report.whole:
        yield f'<p class="missed">{escape(WORDS["goes-on"][language])}</p>'
    for section in report.sections:
        yield from _section(report, section, language)
    yield from _definitions(report, language)
    yield "</body></html>"


def _section(report: Report, section: Section, language: Language) -> Iterator[str]:
    yield f'<section><h2 id="{section.by}">{escape(WORDS[section.by][language])}</h2>'
    charts = [each for each in _charts(report, section, language) if each]
    if charts:
        yield f'<div class="beside">{"".join(charts)}</div>'
    noun = WORDS["queue" if section.by == "queues" else "agent"][language]
    yield from _table(section, noun, [(row.label[language], row) for row in section.rows], section.total, language)
    if not section.rows:
        yield f'<p class="quiet">{escape(WORDS["nothing"][language])}</p>'
    yield f'<p class="few">° {escape(WORDS["few-note"][language])} <span class="missed">! {escape(WORDS["missed"][language])}</span></p>'
    if report.span.days > 1:
        yield f"<h2>{escape(WORDS[section.by][language])} · {escape(WORDS['by-day'][language])}</h2>"
        days = [(day.isoformat(), row) for day, row in section.days]
        yield from _table(section, WORDS["day"][language], days, section.total, language)
    yield "</section>"


def _charts(report: Report, section: Section, language: Language) -> Iterator[str]:
    if section.by == "queues":
        if report.span.days > 1:
            found = [_column(f"{day:%m-%d}", row, "calls", "answered") for day, row in section.days]
            legend = f"{WORDS['answered-by-day'][language]} ({FIGURES['answered'].label[language]} / {WORDS['other'][language]})"
            yield _figure(legend, pictures.columns(legend, found))
        yield _bars(section, "within_15_s", "level-by-name", language, most=1.0)
        return
    if report.span.days > 1:
        found = [_column(f"{day:%m-%d}", row, "talks", "talks") for day, row in section.days]
        said_ = WORDS["talks-by-day"][language]
        yield _figure(said_, pictures.columns(said_, found))
    yield _bars(section, "talks", "talks-by-name", language)


def _column(label: str, row: Row, whole: str, part: str) -> pictures.Column:
    return pictures.Column(label, row.values[whole] or 0, row.values[part] or 0)


def _bars(section: Section, name: str, title: str, language: Language, most: float | None = None) -> str:
    figure = next(each for each in section.figures if each.name == name)
    found = [
        pictures.Bar(
            row.label[language], row.values[name], shown(figure, row.values[name]), name in row.missed, name in row.few
        )
        for row in section.rows
    ]
    words = WORDS[title][language]
    target = section.targets.get(name)
    if target is not None:
        words += f" ({WORDS['target'][language]} {shown(figure, target)})"
    return _figure(words, pictures.bars(words, found, most, target))


def _figure(caption: str, picture: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{picture}</figure>" if picture else ""


def _table(section: Section, first: str, rows: list[tuple[str, Row]], total: Row, language: Language) -> Iterator[str]:
    yield f'<div class="scroll"><table><thead><tr><th>{escape(first)}</th>'
    for figure in section.figures:
        words = FIGURES[figure.name]
        yield (
            f'<th><a href="#figure-{figure.name}" title="{escape(words.definition[language])}">'
            f"{escape(words.label[language])}</a></th>"
        )
    yield "</tr></thead><tbody>"
    lines = [("", label, row) for label, row in rows]
    for css, label, row in [*lines, (' class="total"', total.label[language], total)]:
        cells = "".join(_cell(figure, row, language) for figure in section.figures)
        yield f"<tr{css}><td>{escape(label)}</td>{cells}</tr>"
    yield "</tbody></table></div>"


def _cell(figure: Figure, row: Row, language: Language) -> str:
    text = escape(shown(figure, row.values[figure.name]))
    if figure.name in row.few:
        return f'<td class="few" title="{escape(WORDS["few"][language])}">{text} °</td>'
    if figure.name in row.missed:
        return f'<td class="missed" title="{escape(WORDS["missed"][language])}">{text} !</td>'
    return f"<td>{text}</td>"


def _definitions(report: Report, language: Language) -> Iterator[str]:
    yield f'<section><h2 id="definitions">{escape(WORDS["definitions"][language])}</h2><dl>'
    told: set[str] = set()
    for section in report.sections:
        for figure in section.figures:
            if figure.name in told:
                continue
            told.add(figure.name)
            words, target = FIGURES[figure.name], section.targets.get(figure.name)
            more = f" {WORDS['target'][language]}: {shown(figure, target)}." if target is not None else ""
            yield (
                f'<dt id="figure-{figure.name}">{escape(words.label[language])}</dt>'
                f"<dd>{escape(words.definition[language] + more)} "
                f'<span class="quiet">({escape(WORDS["more"][language])}#{words.anchor})</span> '
                f'<a href="#{section.by}">↑ {escape(WORDS["back"][language])}</a></dd>'
            )
    yield "</dl></section>"
