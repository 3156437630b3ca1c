"""Makes documents that are zips of parts: .docx and EPUB."""

import io
import zipfile
from collections.abc import Mapping

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_PURL = "http://purl.org/dc"


def make_zip(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of parts, in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def make_docx(body: str, **core: str) -> bytes:
    """A .docx of some markup, `<w:p>` and so on, and its core properties, `title` and so on."""
    properties = "".join(f"<{tag}>{text}</{tag}>" for tag, text in _tagged(core))
    return make_zip(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:document xmlns:w="{_WORD}" xmlns:mc="m"><w:body>{body}'
            "</w:body></w:document>",
            "docProps/core.xml": f'<cp:coreProperties xmlns:cp="{_CORE}" '
            f'xmlns:dc="{_PURL}/elements/1.1/" xmlns:dcterms="{_PURL}/terms/">{properties}'
            "</cp:coreProperties>",
        }
    )


def _tagged(core: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(f"dcterms:{n}" if n == "created" else f"dc:{n}", text) for n, text in core.items()]


def make_epub(chapters: Mapping[str, str], about: str = "", **parts: str) -> bytes:
    """An EPUB of chapters by name, a list of contents (`nav`) and markup about the book.

    parts: other parts, `nav` of which is the list of contents
    """
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    refs = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    nav = '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    toc = '<item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    return make_zip(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:c"><rootfiles><rootfile '
            'full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": f'<package xmlns="p" xmlns:dc="{_PURL}/elements/1.1/"><metadata>'
            f"{about}</metadata><manifest>{items}{nav}{toc}</manifest><spine>{refs}</spine></package>",
            **{f"OEBPS/{name}": chapter for name, chapter in chapters.items()},
            **parts,
        }
    )
