"""A brief in the formats people hand in and work on: PDF, DOCX, one workbook with all of its data.

`files` is the door; `parts` and `reading` turn the page into headings, paragraphs, tables and pictures, which `pdf`,
`docx` and `workbook` write down, each in one module.
"""

from stellwerk.briefs.export.files import FORMATS, UnknownBriefFormat, export, frames_of

__all__ = ["FORMATS", "UnknownBriefFormat", "export", "frames_of"]
