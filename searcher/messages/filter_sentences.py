"""Messages about filters."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "filter.too_long": "A filter has at most {most} characters.",
    "filter.too_deep": "A filter has at most {most} parentheses and negations inside each other.",
    "filter.incomplete": (
        'The filter ends too early: a condition is like `width > 1000` or `label == "dog"`.'
    ),
    "filter.unexpected": (
        "The filter can't have {text} at character {at}: a condition is a field, an operator "
        "(`==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `like`) and a value, and conditions are joined "
        "by `and`, `or`, `not`."
    ),
    "filter.single_equals": "The filter has `=` at character {at}: write `==` to compare.",
    "filter.not_closed": "The parenthesis at character {at} of the filter is not closed.",
    "filter.text_not_closed": "The quotation mark at character {at} of the filter is not closed.",
    "filter.field": (
        "The filter names {text} at character {at}, which is no field of a picture: there are "
        "{names}."
    ),
    "filter.needs_text": (
        'The filter compares {field} with no text at character {at}: put it in quotes, as in "dog".'
    ),
    "filter.needs_number": (
        "The filter compares {field} with no whole number at character {at}: write one, as in 1000."
    ),
    "filter.needs_time": (
        "The filter compares {field} with no date at character {at}: write one in quotes, as in "
        '"2026-11-01", or seconds since 1970.'
    ),
    "filter.date": (
        "The filter has {text} at character {at}, which is no date: write one as in "
        '"2026-11-01" or "2026-11-01 12:30".'
    ),
    "filter.choice": "The filter compares {field} at character {at} with none of {choices}.",
    "filter.like": "The filter has a pattern at character {at}, but {field} is a number.",
    "filter.pattern": (
        "This Milvus server can't search by this pattern: use one with % at its end only, or a "
        "newer server."
    ),
    "filter.no_room": (
        "There is no room to copy the vectors of {model}, so that searches could be filtered: "
        "{mb:d} MB are needed."
    ),
    "filter.model_without_fields": (
        "The vectors of {model} were stored by an earlier version and can't be filtered yet: run "
        "`python -m searcher doctor --repair`, or let the app run, which does the same."
    ),
}
