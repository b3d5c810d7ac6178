"""The law as data: vocabulary, calendar, expressions, rules, parameters, listings and reforms, read and linked."""
