"""Publishes the checkout and its models as a Space of the Hugging Face Hub."""
