"""The colors of a heat map."""

_LIGHT, _DARK = (0xDE, 0xEB, 0xF7), (0x08, 0x45, 0x94)
_WHITE_TEXT = 0.55  # from this level on, white text is easier to read than black


def shade(level: float) -> tuple[str, bool]:
    """The color for a level from 0 to 1, as `#rrggbb`, and whether text on it should be white."""
    parts = (round(low + (high - low) * level) for low, high in zip(_LIGHT, _DARK, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts), level >= _WHITE_TEXT
