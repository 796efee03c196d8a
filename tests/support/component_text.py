"""What a reader sees of a component tree."""

from typing import Any


def text_of(component: Any) -> str:
    """Return the words of a component tree."""
    if isinstance(component, list | tuple):
        return " ".join(filter(None, (text_of(one) for one in component)))
    if isinstance(component, str | int | float):
        return str(component)
    return text_of(component.children) if getattr(component, "children", None) is not None else ""
