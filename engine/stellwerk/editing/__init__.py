"""Files of the law as drafts: opened, changed by named operations, tried without saving, saved whole or not at all."""

from stellwerk.editing.draft import Draft, Drafts, History
from stellwerk.editing.saving import difference, save
from stellwerk.editing.trial import Examples, Reading, Trial

__all__ = ["Draft", "Drafts", "Examples", "History", "Reading", "Trial", "difference", "save"]
