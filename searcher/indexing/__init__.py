"""From files to records and vectors, in a pipeline that yields to searches."""
