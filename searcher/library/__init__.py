"""The library as a whole: adding, removing, keeping whole, and the worker behind the page."""
