"""The small network `tiny`: how it is built, trained and made a model file."""
