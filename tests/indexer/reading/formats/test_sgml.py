"""Collections of articles in SGML, as TREC and Reuters-21578 have them. All of it is made up."""

from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents

TEXT = "Councillors voted nine to two to turn the lighthouse into a museum."
TREC = (
    "<DOC>\n<DOCNO> SK88-{n} </DOCNO>\n<FILEID>SK-{n}</FILEID>\n<DATE>March 15, 1988</DATE>\n"
    "<HEAD>Vote & fog {n}</HEAD>\n<HEAD>More</HEAD>\n<TEXT>\n{text}\n</TEXT>\n</DOC>\n"
)
REUTERS = (
    '<REUTERS TOPICS="YES" OLDID="55" NEWID="SK88-{n}">\n<DATE>15-MAR-1988 15:01:01.79</DATE>\n'
    "<PLACES><D>skerry</D></PLACES>\n<UNKNOWN>\n&#5;&#5;C T\n</UNKNOWN>\n<TEXT>&#2;\n"
    "<TITLE>Vote &amp; fog {n}</TITLE>\n<BODY>{text}\n&#3;</BODY></TEXT>\n</REUTERS>\n"
)
NEWSWIRE = (
    '<DOC id="SK88-{n}" type="story">\n<DATE>March 15, 1988</DATE>\n'
    "<HEADLINE>\nVote &amp;\nfog {n}\n</HEADLINE>\n<TEXT>\n<P>\n{text}\n</P>\n</TEXT>\n</DOC>\n"
)
BARE = '<doc id="SK88-{n}" title="Vote &amp; fog {n}" date="March 15, 1988">\n{text}\n</doc>\n'


def _read(path: Path, content: str) -> list[Document | Rejected]:
    path.write_text(content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(f"{path.parent}/"))
    return found


@pytest.mark.parametrize("name", ["a.sgm", "a.txt", "a.xml", "a"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("above", ["", '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n'])
@pytest.mark.parametrize("form", [TREC, REUTERS, NEWSWIRE, BARE])
def test_each_element_is_an_article(
    tmp_path: Path, form: str, above: str, count: int, name: str
) -> None:
    numbers = range(1, count + 1)
    content = above + "".join(form.format(n=n, text=TEXT) for n in numbers)
    found = _read(tmp_path / name, content)
    assert [each.location for each in found] == [f"{name}:{n}" for n in numbers]
    for n, each in zip(numbers, found, strict=True):
        assert isinstance(each, Document)
        assert (each.id, each.title) == (f"SK88-{n}", f"Vote & fog {n}")
        assert each.date in ("March 15, 1988", "15-MAR-1988 15:01:01.79")
        assert each.content.strip() == TEXT


def test_paragraphs_and_words_in_bold_are_of_the_text_and_its_dateline_begins_it(
    tmp_path: Path,
) -> None:
    inside = (
        f"<DATELINE> GULL POINT, March 15 - </DATELINE><P>One <B>big</B> vote.</P><P>{TEXT}</P>"
    )
    (found,) = _read(tmp_path / "a", f"<DOC><TITLE>A</TITLE><TEXT>{inside}</TEXT></DOC>")
    assert isinstance(found, Document)
    assert found.content.split("\n\n") == ["GULL POINT, March 15 - One big vote.", TEXT]


def test_one_without_a_text_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    content = f"<DOC><DOCNO>1</DOCNO></DOC><DOC><HEAD>A</HEAD><TEXT>{TEXT}</TEXT></DOC><DOC><TEXT>"
    one, two, three = _read(tmp_path / "a.txt", content)
    assert isinstance(one, Rejected)
    assert isinstance(two, Document)
    assert three == Rejected("a.txt:3", "XML that breaks off: inside an item")


FBIS = (
    "<DOC>\n<DOCNO> SK88-{n} </DOCNO>\n<HT> 'cr1' </HT>\n<HEADER>\n<AU> Ann Ek </AU>\n"
    "<DATE1> 15 March 1988 </DATE1>\n<F P=100> SKERRY </F>\n"
    "<H3> <TI>   Vote on the lighthouse {n} </TI></H3>\n</HEADER>\n\n<TEXT>\n"
    "Language: <F P=105> Skerrish </F>\nArticle Type:BFN \n\n"
    "  <F P=106 X='a > b'> [Report by Bo Li] </F>\n  {text}\n</TEXT>\n</DOC>\n"
)


def test_attributes_need_no_quotes(tmp_path: Path) -> None:
    found = _read(tmp_path / "a.txt", "".join(FBIS.format(n=n, text=TEXT) for n in (1, 2)))
    for n, each in enumerate(found, start=1):
        assert isinstance(each, Document)
        assert (each.id, each.title) == (f"SK88-{n}", f"Vote on the lighthouse {n}")
        assert each.date == "15 March 1988"
        assert each.content.split() == (
            f"Language: Skerrish Article Type:BFN [Report by Bo Li] {TEXT}".split()
        )


LA_TIMES = (
    "<DOC>\n<DOCNO> LA88-1 </DOCNO>\n<DATE>\n<P>\nMarch 15, 1988, Tuesday, Home Edition\n</P>\n"
    "</DATE>\n<HEADLINE>\n<P>\nVOTE ON THE LIGHTHOUSE\n</P>\n</HEADLINE>\n<BYLINE>\n<P>\n"
    "By ANN EK\n</P>\n</BYLINE>\n<TEXT>\n<P>\n{text}\n</P>\n"
    "<TABLE CWL=10,4 BOX><ROWRULE><ROW><CELL CHJ=C> Quay<CELL CHJ=R> 12 </ROW></TABLE>\n"
    "<P>\nThe keeper stayed.\n</P>\n</TEXT>\n<GRAPHIC>\n<P>\nPhoto\n</P>\n</GRAPHIC>\n</DOC>\n"
)


def test_tables_without_quotes_and_ends_take_nothing_along(tmp_path: Path) -> None:
    (found,) = _read(tmp_path / "a.txt", LA_TIMES.format(text=TEXT))
    assert isinstance(found, Document)
    assert (found.title, found.author) == ("VOTE ON THE LIGHTHOUSE", "By ANN EK")
    assert found.date == "March 15, 1988, Tuesday, Home Edition"
    assert found.content.split() == f"{TEXT} Quay 12 The keeper stayed.".split()
