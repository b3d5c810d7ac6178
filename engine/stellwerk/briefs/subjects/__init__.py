"""The briefs by subject: one folder a brief, with what it may be asked, what it gathers, and its sections."""
