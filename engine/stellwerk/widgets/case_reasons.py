"""The reasons of one rule as a tree to fold: plain words first, what is unknown before the rest, the formula small.

In goes a determination with its rulebook; out comes HTML. The tree itself is the one of the reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from stellwerk.evaluate.evidence import Determination
from stellwerk.law.rulebook import Rulebook
from stellwerk.law.said import Said
from stellwerk.reports import reasons
from stellwerk.reports.reasons import SIGNS
from stellwerk.texts import text
from stellwerk.widgets import look
from stellwerk.widgets.case_told import kind_of, result_in_words, title_of

_OPEN_LEVELS = 2  # of the tree; what is unknown is open further down
_WORDS = {SIGNS[True]: "yes", SIGNS[False]: "no", SIGNS[None]: "unknown"}


def reasons_html(found: Determination, book: Rulebook, language: str) -> str:
    """The reasons of one rule, headed by what it says."""
    chip = look.chip(result_in_words(found, book, language), kind_of(found, book.vocabulary))
    heading = f"<h3>{escape(title_of(found.rule, book, language))} {chip}</h3>"
    tree = reasons(found, book, language)
    lists = _list(tree.items, f"why-{found.rule}", 1, language)
    return f'{heading}<div class="sw-why-tree" lang="{escape(language)}">{lists}</div>'


def _list(items: Iterable[Said], path: str, level: int, language: str) -> str:
    """One level; what is unknown stands first, the rest in the order of the law."""
    placed = sorted(enumerate(items), key=lambda item: not _is_unknown(item[1]))
    return f"<ul>{''.join(_item(said, f'{path}-{place}', level, language) for place, said in placed)}</ul>"


def _item(said: Said, path: str, level: int, language: str) -> str:
    words = _words(said, language)
    if not said.items:
        return f"<li>{words}</li>"
    is_open = " open" if _begins_open(said, level) else ""
    below = _list(said.items, path, level + 1, language)
    return f'<li><details id="{escape(path)}"{is_open}><summary>{words}</summary>{below}</details></li>'


def _begins_open(said: Said, level: int) -> bool:
    """The first levels, what is unknown, and groups of conditions; what a condition read is folded.

    An exception without effect is folded too: its sign says so, and its line says why.
    """
    if level < _OPEN_LEVELS or _is_unknown(said):
        return True
    return not said.aside and any(_sign(item) in _WORDS for item in said.items) and not _is_idle_exception(said)


def _is_idle_exception(said: Said) -> bool:
    """Whether this is an exception that has no effect: it fails, and the one condition below it is its own."""
    return _sign(said) == SIGNS[False] and len(said.items) == 1


def _words(said: Said, language: str) -> str:
    formula = f' <code class="sw-id">{escape(said.aside)}</code>' if said.aside else ""
    sign, rest = _sign(said), said.text.partition(" ")[2]
    if sign not in _WORDS:
        return f"{escape(said.text)}{formula}"
    spoken = escape(text(f"case_sign_{_WORDS[sign]}", language))
    return (
        f'<span class="sw-sign sw-sign-{_WORDS[sign]}" role="img" aria-label="{spoken}" title="{spoken}">{sign}</span> '
        f"{escape(rest)}{formula}"
    )


def _sign(said: Said) -> str:
    return said.text.partition(" ")[0]


def _is_unknown(said: Said) -> bool:
    return _sign(said) == SIGNS[None]
