"""Labels from COCO and CSV files, and pictures from data sets of the Hugging Face Hub."""
