"""Tables at a URL, as tests look at them."""

from indexer.index_url import IndexUrl
from indexer.storage.lance.folder import LanceFolder


def content_at(url: IndexUrl) -> dict[str, list[str]]:
    """The rows of the live version of every table, in no order that means something."""
    connection, content = LanceFolder(url).connect(), {}
    for name, version in LanceFolder(url).live().versions.items():
        table = connection.open_table(name)
        table.checkout(version)
        found = table.search().to_arrow()
        columns = (found.column(column).to_pylist() for column in found.column_names)
        content[name] = sorted(map(repr, zip(*columns, strict=True)))
    return content
