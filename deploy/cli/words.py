"""Words around numbers in what commands print."""


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
