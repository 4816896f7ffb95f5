"""Filters as people write them: what they mean, and what is wrong with those that mean nothing."""

import pytest

from searcher.errors import InvalidRequest
from searcher.search.filters import one_of, parse_filter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ('label == "dog" and width > 1000', '(label == "dog" and width > 1000)'),
        (
            "width>1 OR height<=3 AND NOT label != 'a'",
            '(width > 1 or (height <= 3 and (not label != "a")))',
        ),
        ("(width > 1 || height < 3) && width<9", "((width > 1 or height < 3) and width < 9)"),
        ("label in ['it\\'s', \"b\"]", '(label == "it\'s" or label == "b")'),
        ("width not in [1, 2e3]", "(not (width == 1 or width == 2000))"),
        ("width > -5", "width > -5"),
        (r'label == "a\"b\\c\d%_"', r'label == "a\"b\\c\\d%_"'),
        ('label == "\n\x00語"', 'label == "��語"'),
        # Composed, or decomposed as macOS has it and earlier versions stored it.
        *(
            (text, '(label == "caf\xe9" or label == "cafe\u0301")')
            for text in ('label == "caf\xe9"', 'label == "cafe\u0301"')
        ),
        ('name != "\xe9"', '(name != "\xe9" and name != "e\u0301")'),
        ('name like "\xe9"', '(name == "\xe9" or name == "e\u0301")'),
        ('label in ["e\u0301"]', '((label == "\xe9" or label == "e\u0301"))'),
        ("added >= 1.5", "added >= 1.5"),
        ('added > "2026-11-01T12:00+01:00"', "added > 1793530800.0"),
        ('name like "dog"', 'name == "dog"'),
        (r'name like "50\%"', 'name == "50%"'),
        (r'name not like "a\_b%%"', '(not (name >= "a_b" and name < "a_c"))'),
        ('name like "%"', 'name >= ""'),
        ('name like "a_"', r'(name like "a_" and not name like "%\n%")'),
        (
            r'name like "%\_\x%"',
            r'((name like "_%\\_\\\\x%" and not name like "%\n%") or '
            r'(name >= "_\\x" and name < "_\\y"))',
        ),
        ('source in ["upload"]', '(source == "upload")'),
    ],
)
def test_an_expression_in_milvus_language(text: str, expected: str) -> None:
    assert parse_filter(text) == expected


def test_a_date_is_the_whole_day() -> None:
    start = parse_filter('added >= "2026-11-10 00:00"').removeprefix("added >= ")
    end = parse_filter('added >= "2026-11-11 00:00"').removeprefix("added >= ")
    assert float(end) - float(start) == 24 * 3600
    assert parse_filter('added >= "2026-11-10"') == f"added >= {start}"
    assert parse_filter('added < "2026-11-10"') == f"added < {start}"
    assert parse_filter('added > "2026-11-10"') == f"added >= {end}"
    assert parse_filter('added <= "2026-11-10"') == f"added < {end}"
    within = f"(added >= {start} and added < {end})"
    assert parse_filter('added == "2026-11-10"') == within
    assert parse_filter('added != "2026-11-10"') == f"(not {within})"


def test_a_condition_for_values_of_any_kind() -> None:
    text = one_of("label", ["", 'say "hi"', "it's", "back\\slash\\"])
    assert parse_filter(text) == (
        r"""(label == "" or label == "say \"hi\"" or label == "it's" or """
        r"""label == "back\\slash\\")"""
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('labl == "a"', "labl at character 1, .*label, name, added, width, height, orientation"),
        ('width > "a"', "width with no whole number at character 9"),
        ("width > 1.5", "width with no whole number at character 9"),
        ("width > 1e999", "no whole number"),
        ("label == dog", "label with no text at character 10"),
        ("label == 5", "label with no text at character 10"),
        ('added > "yesterday"', '"yesterday" at character 9'),
        ('added > "0001-01-01"', "is no date"),
        ("added > width", "added with no date at character 9"),
        ('source == "web"', "source at character 11 with none of upload, sample"),
        ('width like "a%"', "width is a number"),
        ("(width > 1", "parenthesis at character 1 "),
        ("width in [1, 2", "parenthesis at character 10 "),
        ("width > 1)", r"\) at character 10"),
        ("width = 1", "`==` to compare"),
        ('label == "dog', "quotation mark at character 10"),
        ("width >", "ends too early"),
        ("width > 1 and", "ends too early"),
        ("width not > 1", "> at character 11"),
        ('"a" == label', '"a" at character 1'),
        ('label == "a"; drop', "; at character 13"),
        ("id == 1", "id at character 1"),
        ("width > 1 width", "width at character 11"),
        ("(" * 31 + "width>1" + ")" * 31, "at most 30 parentheses"),
        ("not " * 200 + "width>1", "at most 30 parentheses"),
        ("x" * 1001, "at most 1,000 characters"),
        ("width > " + "9" * 900, "no whole number"),
    ],
)
def test_a_wrong_expression_gets_a_sentence(text: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        parse_filter(text)
