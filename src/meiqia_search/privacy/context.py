"""What stands before a value in its sentence: some numbers are personal only where a word says so."""

import re

_BREAK = re.compile(r"[\n\x1e。！？!?;；]")


def before(text: str, at: int, width: int) -> str:
    """At most ``width`` characters before the offset, of the same sentence."""
    window = text[max(at - width, 0) : at]
    breaks = [each.end() for each in _BREAK.finditer(window)]
    return window[breaks[-1] :] if breaks else window
