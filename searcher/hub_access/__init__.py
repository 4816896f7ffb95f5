"""What models and data sets of the Hugging Face Hub have in common: addresses and failures."""
