"""What is wrong with a text that is no YAML, for a reader who writes rules and no programs?

In: the error of the YAML reader and the text that it read. Out: a phrase of the catalogue that says what to do, one
for all wordings that ask for the same correction. libyaml and PyYAML's own reader have a finite list of wordings; the
table holds the part that both share. What stands in no row is said in the reader's own words.
"""

from __future__ import annotations

import yaml

from stellwerk.texts import Phrase

# A part of "context: problem" -> the text. The first row that fits counts.
_SAID = (
    ("directive", "yaml_percent"),
    ("incompatible YAML document", "yaml_percent"),
    ("duplicate tag handle", "yaml_percent"),
    ("found a tab character", "yaml_tab"),
    ("block scalar", "yaml_block_text"),
    ("cannot start any token", "yaml_sign"),
    ("could not find expected ':'", "yaml_colon_missing"),
    ("mapping values are not allowed", "yaml_colon_inside"),
    ("found unexpected ':'", "yaml_colon_inside"),
    ("sequence entries are not allowed", "yaml_dash_inside"),
    ("mapping keys are not allowed", "yaml_sign"),
    ("expected ',' or ']'", "yaml_square_bracket"),
    ("expected ',' or '}'", "yaml_curly_bracket"),
    ("node content", "yaml_value_missing"),
    ("found unexpected end of stream", "yaml_quote"),
    ("found unexpected document", "yaml_quote"),
    ("quoted scalar", "yaml_backslash"),
    ("expected key", "yaml_margin"),
    ("expected '-' indicator", "yaml_margin"),
    ("expected <block end>", "yaml_margin"),
    ("<document start>", "yaml_margin"),
    ("undefined alias", "yaml_alias"),
    ("scanning an alias", "yaml_alias"),
    ("scanning an anchor", "yaml_anchor"),
    ("duplicate anchor", "yaml_anchor"),
    ("a tag", "yaml_tag"),
    ("tag handle", "yaml_tag"),
    ("control characters", "yaml_control"),
    ("special characters", "yaml_control"),
)


def problem_of(error: yaml.YAMLError, source: str) -> Phrase | str:
    """What the reader of `source` stumbled over, with the line where the unfinished part begins if that helps."""
    if isinstance(error, yaml.reader.ReaderError):
        return Phrase(key) if (key := _key_of(error.reason)) else str(error.reason)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error)
    key = _key_of(f"{error.context or ''}: {error.problem or ''}")
    if key is None:
        return str(error.problem or "")
    place = error.problem_mark.index
    sign, before = source[place : place + 1], source[:place].rpartition("\n")[2]
    begun = error.context_mark.line + 1 if error.context_mark else ""
    return Phrase(_nearer(key, sign, before), {"sign": sign.strip(), "line": begun})


def line_of_problem(error: yaml.YAMLError, source: str) -> int | None:
    """The line at which the reader of `source` gave up, the first being 1."""
    if isinstance(error, yaml.reader.ReaderError):
        return source.encode()[: error.position].count(b"\n") + 1
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else None


def _key_of(words: str) -> str | None:
    return next((key for part, key in _SAID if part in words), None)


def _nearer(key: str, sign: str, before: str) -> str:
    """The text that also looks at the sign at which the reader stopped and at what stands before it on its line."""
    if key == "yaml_sign" and sign == "\t":
        return "yaml_tab"
    if key != "yaml_margin":
        return key
    if sign in ("]", "}"):
        return "yaml_value_missing"
    return "yaml_text_behind" if before.strip() or sign == "," else key
