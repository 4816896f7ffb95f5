"""The rendered sample pictures: scenes for Blender's Python module, never imported by the app."""
