"""From files to pixels: sources, safe decoding, thumbnails."""
