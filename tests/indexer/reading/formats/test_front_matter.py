"""Fields above a text: of clippers and site generators."""

from pathlib import Path

import pytest

from indexer.article import Document
from indexer.reading.documents import read_documents

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."


def _read(path: Path, content: str) -> Document:
    path.write_text(content)
    (found,) = read_documents(path)
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.markdown"])
@pytest.mark.parametrize(
    "block",
    [
        '---\ntitle: "Vote: the quay"\ndate: 2024-02-01T10:00:00+02:00\nauthor: Ann Ek\n'
        "source: Skerry Post\nurl: https://s.example/1\ntags: [quay, vote]\ndraft: false\n---\n",
        # As clippers write it, though it is no YAML.
        "---\ntitle: Vote: the quay\ndate: 2024-02-01T10:00:00+02:00\nauthor: [[Ann Ek]]\n"
        "source: Skerry Post\nurl: https://s.example/1\n---\n",
        '\ufeff---\ntitle: "Vote: the quay"\npublished: 2024-02-01T10:00:00+02:00\nauthor:\n'
        '  - "[[people/Ann|Ann Ek]]"\nsite: Skerry Post\nsource: https://s.example/1\n...\n',
        '+++\ntitle = "Vote: the quay"\ndate = 2024-02-01T10:00:00+02:00\nauthors = ["Ann Ek"]\n'
        'source = "Skerry Post"\nurl = "https://s.example/1"\n[extra]\nmath = true\n+++\n',
    ],
)
def test_fields_are_read_and_are_no_text(tmp_path: Path, name: str, block: str) -> None:
    found = _read(tmp_path / name, f"{block}\n{TEXT}\n")
    assert (found.title, found.author, found.source, found.url) == (
        "Vote: the quay",
        "Ann Ek",
        "Skerry Post",
        "https://s.example/1",
    )
    assert found.date == "2024-02-01T10:00:00+02:00"
    assert found.content.strip() == TEXT


@pytest.mark.parametrize(
    "text",
    [
        f"---\nEditor's note: this is a story.\n---\n{TEXT}",
        f"---\nNote: this is a story.\n---\n{TEXT}",
        f"---\nThe quay was closed.\n---\n{TEXT}",
        f"---\n- one\n- two\n---\n{TEXT}",
        f"---\nHolm: We closed the quay.\nEk: Nobody asked us.\n---\n{TEXT}",
        f"---\nGull Point: 14\nSkerry: 9\n---\n{TEXT}",
        f"---\nName: Odd Halvorsen\nTime: ten\n---\n{TEXT}",
        f"+++\nentry = 'free'\nguests = 10\n+++\n{TEXT}",
        f"---\ntitle: Never closed\n{TEXT}",
        f"---\ntitle: Long\nx: {'y' * 20_000}\n---\n{TEXT}",
        f"+++\nnot toml at all\n+++\n{TEXT}",
        f"-----\ntitle: A\n-----\n{TEXT}",
    ],
)
def test_a_text_between_lines_is_a_text(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path / "a.md", text)
    assert (found.content, found.title) == (text, None)


@pytest.mark.parametrize(
    "block",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]",
        "title: " + "[" * 8000,
        "title: !!python/object/apply:os.system [ls]",
    ],
)
def test_hostile_blocks_do_no_harm(tmp_path: Path, block: str) -> None:
    assert TEXT in _read(tmp_path / "a.md", f"---\n{block}\n---\n{TEXT}").content


def test_markdown_with_html_in_it_stays_a_text(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.md", f"# Vote\n\n<p><img src='a'></p>\n\n{TEXT}\n\n<br><br>\n")
    assert (found.format, found.content.split()) == ("text", f"# Vote {TEXT}".split())


LABELLED = (
    "Title: Vote: the quay\nAuthor: Ann Ek\nDate: 1 February 2024\nSource: Skerry Post\n"
    "URL: https://s.example/1\nSection: News\n\n{}\n"
)
JINA = (
    "Title: Vote: the quay\n\nURL Source: https://s.example/1\n\n"
    "Published Time: 1 February 2024\n\nWarning: This page may be cached.\n\n"
    "Markdown Content:\n{}\n"
)


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", [TEXT, f"Quay: a vote.\n\n{TEXT}"])
@pytest.mark.parametrize("form", [LABELLED, JINA, LABELLED.replace("\n\n", "\nFull text: ")])
def test_labelled_lines_are_fields(
    tmp_path: Path, name: str, end: str, text: str, form: str
) -> None:
    found = _read(tmp_path / name, form.format(text).replace("\n", end))
    assert (found.title, found.date, found.url, found.content.strip()) == (
        "Vote: the quay",
        "1 February 2024",
        "https://s.example/1",
        text,
    )
    if form is not JINA:
        assert (found.author, found.source) == ("Ann Ek", "Skerry Post")


@pytest.mark.parametrize(
    "text",
    [
        f"Title: Vote\n\n{TEXT}",
        f"Title: Vote\nDate: 1 February 2024\n{TEXT}",
        f"Holm: We closed the quay.\nEk: And the date: today.\n\n{TEXT}",
        f"Reporter: Who wrote it?\nWriter: I did.\n\n{TEXT}",
        f"Name: Odd Halvorsen\nDay: Friday\nTime: 10:00\n\n{TEXT}",
        f"Date: Friday\nPlace: the quay\nEntry: free\nTitle: Fog\nGuests: ten\n\n{TEXT}",
        "Title: Vote\nDate: 1 February 2024\n\n",
    ],
)
def test_a_text_that_begins_with_colons_is_a_text(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path / "a.txt", text)
    assert (found.content, found.title) == (text, None)
