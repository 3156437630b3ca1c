"""Every error that this project raises on purpose, in one tree.

    ArticleSearchError
    ├── InputError           a path that cannot be read at all
    ├── SettingsError        a setting that makes no sense
    ├── ModelError           a model that is missing, unsafe or not what it claims to be
    ├── QueryError           a question that cannot be answered as asked
    │   └── CursorExpired    the index has been renewed since the cursor was made
    ├── Overloaded           too many searches are waiting already
    ├── DeadlineExceeded     a search was not done in time
    └── StorageError
        ├── IndexMissing     no index has been published in that folder
        ├── IndexDamaged     a file is cut short, altered or inconsistent
        ├── IndexMismatch    made by another format version or another model
        ├── IndexUnavailable it may be sound, but cannot be opened now: memory, descriptors
        └── IndexBusy        another process is writing it

The command line prints the message; HTTP maps the class to a status in `search/http/problems.py`.
"""


class ArticleSearchError(Exception):
    """Base of all; the message says what is wrong and what to do."""


class InputError(ArticleSearchError):
    """A path given for indexing does not exist or cannot be read."""


class SettingsError(ArticleSearchError):
    """An environment variable or option has a value that cannot be used."""


class ModelError(ArticleSearchError):
    """The embedding model is missing, has no safe weights, or fails its checksum."""


class QueryError(ArticleSearchError):
    """A search was asked with a parameter outside of its limits."""


class CursorExpired(QueryError):
    """The index has been renewed since the cursor was made."""


class Overloaded(ArticleSearchError):
    """So many searches are waiting already that one more would wait too long."""


class DeadlineExceeded(ArticleSearchError):
    """A search was not done in time."""


class StorageError(ArticleSearchError):
    """Base of everything that keeps an index from being opened or written."""


class IndexMissing(StorageError):
    """No generation has been published in this folder."""


class IndexDamaged(StorageError):
    """A file of the generation is missing, cut short or inconsistent with the manifest."""


class IndexMismatch(StorageError):
    """The index was made by another format version or another model."""


class IndexUnavailable(StorageError):
    """Something beside the index keeps it from being opened: memory, file descriptors, a bug."""


class IndexBusy(StorageError):
    """Another process is writing this index."""
