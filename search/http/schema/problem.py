"""What is no article as JSON: errors, health checks, reloads."""

from pydantic import BaseModel


class Problem(BaseModel):
    """An error (RFC 9457, application/problem+json); `code` is stable, `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


class Status(BaseModel):
    """A health check."""

    status: str


class Reload(BaseModel):
    """What is served after a reload; `swapped` says whether it is another generation now."""

    generation: str
    swapped: bool
