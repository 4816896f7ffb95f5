"""What addresses on the Hugging Face Hub begin with."""

HUB_PREFIX = "hf:"


def is_hub_address(text: str) -> bool:
    """Return whether a text is meant as an address on the Hub, and not as a path."""
    return text.strip().startswith(HUB_PREFIX)
