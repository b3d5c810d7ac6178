"""What is told of rules and determinations: reasons of one case, rules with their history, reforms, the whole rulebook.

Goes in: linked rules and determinations. Comes out: text in the reader's language or a page; nothing is decided here.
"""

from stellwerk.reports.reasons import Shown, explanation, explanation_html, reasons
from stellwerk.reports.rules import parameter_in_words, rule_in_words

__all__ = ["Shown", "explanation", "explanation_html", "parameter_in_words", "reasons", "rule_in_words"]
