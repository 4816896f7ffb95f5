"""From files to records and vectors, in a pipeline that gives way to searches."""
