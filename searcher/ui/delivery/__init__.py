"""How answers reach the browser: compressed, with what it may keep, pictures in the size shown."""
