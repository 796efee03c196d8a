"""What can go wrong when another program asks for figures.

ApiError
└── ProblemError    a request that is answered with a problem (RFC 9457)
    └── KeyRefusedError    no key, or one that is not known here or not for figures
"""


class ApiError(Exception):
    """The API cannot do what was asked for."""


class ProblemError(ApiError):
    """A request that is answered with a problem; `slug` names its kind."""

    def __init__(self, status: int, slug: str, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.retry_after_s = retry_after_s


class KeyRefusedError(ProblemError):
    """No key, or one that is not known here or not for figures."""

    def __init__(self, detail: str) -> None:
        super().__init__(401, "unauthorized", detail)
