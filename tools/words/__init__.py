"""Makes the tables of the model `words`: of the pieces of words, and of ImageNet's classes."""
