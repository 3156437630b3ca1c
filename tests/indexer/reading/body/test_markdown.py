"""What a reader sees of a line of Markdown."""

import pytest

from indexer.reading.body.markdown import less_marks


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("A **bold** and *slanted* word", "A bold and slanted word"),
        ("A __bold__ and _slanted_ word, ***both***", "A bold and slanted word, both"),
        ("**Who?** said `grep` and ~~no~~", "Who? said grep and no"),
        ("[quay](https://s.example/a_(b) \"The quay\")", "quay"),
        ("[quay][1] and [![lamp](lamp.png)](https://s.example)", "quay and lamp"),
        ("![its lamp](lamp.png)", "its lamp"),
        ("<https://s.example/a>", "https://s.example/a"),
        ("[1]: https://s.example/a \"Quay\"", ""),
        ("---", ""),
        ("- - -", ""),
        ("```python", ""),
        ("a_snake_case, 2 * 3 * 4, 2*3*4, * now", "a_snake_case, 2 * 3 * 4, 2*3*4, * now"),
        ("He wrote [sic] and [5].", "He wrote [sic] and [5]."),
        ("f**k it, he said, f**k it", "f**k it, he said, f**k it"),
    ],
)  # fmt: skip
def test_marks(line: str, seen: str) -> None:
    assert less_marks([line]) == [seen]


@pytest.mark.parametrize(
    "part",
    ["*a ", "**a ", "_a ", "__a ", "`a", "~~a", "[", "](", "[a](", "[a][", "<http://", "[a]:"],
)
def test_hostile_sizes_are_read(part: str) -> None:
    less_marks([part * 100_000])
