"""What the rules of a rulebook mean, as digests: two rules with the same one say the same of every case.

Goes in: a rulebook. Comes out: a digest a rule, over its versions, the values of the parameters, listings and
calendars it reads, and the rules whose results it reads. Words, citations and places in files do not count. Where a
number changes, only what reads it, at first or at second hand, gets another digest.
"""

from __future__ import annotations

from collections.abc import Iterator

from stellwerk.law.core import digest
from stellwerk.law.provision import Rule, RuleVersion
from stellwerk.law.rulebook import Rulebook


class Fingerprints:
    """The digests of one rulebook's rules, each worked out when it is first asked for."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self._found: dict[str, bytes] = {}

    def of(self, rule_id: str) -> bytes:
        """The digest of a rule; the same for all that are not in force."""
        if rule_id not in self._found:
            absent = rule_id in self.rulebook.without_version
            self._found[rule_id] = b"" if absent else self._of_rule(self.rulebook.rule(rule_id))
        return self._found[rule_id]

    def _of_rule(self, rule: Rule) -> bytes:
        return digest(part for version in rule.versions for part in (version.digest, *self._read_by(version)))

    def _read_by(self, version: RuleVersion) -> Iterator[bytes | str]:
        book = self.rulebook
        for name in version.parameters():
            yield from (name, *(f"{dated.interval} {dated.value!r}" for dated in book.parameters[name].versions))
        for name in version.listings():
            yield from (name, *sorted(f"{member.code} {member.interval}" for member in book.listings[name].members))
        for name in version.calendars():
            yield from (name, *sorted(map(str, book.calendars[name])))
        for node in version.derived():
            yield from (node.rule, self.of(node.rule))
