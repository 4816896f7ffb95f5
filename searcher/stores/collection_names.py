"""Names of collections: a model's collection, and those that stand for it at times.

A collection can't take the place of another at once, and a process that still uses the old name
must get an error instead of another schema or other vectors. So a copy keeps a name of its own, and
what it replaces is renamed, which is one step:

    NAME                          made by this version, with fields; or by an earlier one, without
    NAME without fields, COPY     the copy is incomplete; NAME is used
    COPY, and perhaps RETIRED     the copy is used; what it may lack is in RETIRED

NAME is NAME or COPY in what follows, which shrinks its vectors:

    NAME, and FIRST or PCA        the shrunken copy is incomplete or left over; NAME is used
    FULL, and FIRST or PCA        the shrunken copy is used; FULL has the same pictures' vectors
    FULL alone                    the shrunken copy was damaged and moved aside; FULL is used

PCA needs AXES, where row i is the axis that makes dimension i; without all of them FULL is used.
"""

COPY, RETIRED = "_fields", "_retired"  # endings of names
FULL, FIRST, PCA, AXES = "_full", "_first", "_pca", "_axes"
SHRUNKEN = (PCA, FIRST)
ENDINGS = (COPY, RETIRED, FULL, *SHRUNKEN, AXES)


def model_name(name: str) -> str:
    """Return the name of the model's collection that a collection of Milvus is, or stands for."""
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return name
