"""Results in words, numbers, charts and reports, in the reader's language; without Gradio."""
