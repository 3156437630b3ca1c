"""Text that is safe to print on a terminal, wherever it came from."""


def printable(text: str) -> str:
    """One line without control characters: an article must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
