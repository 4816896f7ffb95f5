"""How many pictures a batch and a chunk have: pure functions of what was measured."""

from collections.abc import Mapping

from searcher.models.embedder import BATCH

# Batches of 16 make ResNet50 2 % faster. They give VGG16 nothing and take 450 MB more, so networks
# that need more than 60 ms a picture have batches of 8.
LONG_BATCH = 2 * BATCH
QUICK_S = 0.06
SHORT_S = 0.04  # how long a batch may take while somebody searches: it can't be interrupted
MAX_BATCH = 256  # on accelerators
GAIN = 0.95  # the share of a picture's time that twice the batch may still take, to be worth it
CHUNK = 4 * BATCH  # pictures between two questions to the stores
CHUNK_BYTES = 64 * 2**20  # of all models' inputs of a chunk


def batch_size(paces: Mapping[int, float], is_cpu: bool) -> int:
    """Return the size of the next batch while nobody searches.

    Accelerators get twice as many pictures as long as that makes each quicker.

    Args:
        paces: Seconds a picture, by the sizes of the batches that were measured.
        is_cpu: Whether the processor computes.
    """
    if is_cpu:
        return LONG_BATCH if paces and min(paces.values()) < QUICK_S else BATCH
    size = BATCH
    while size in paces and size < MAX_BATCH:
        if size > BATCH and paces[size] > GAIN * paces[size // 2]:
            return size // 2
        size *= 2
    return size


def short_size(size: int, pace: float) -> int:
    """Return the size of a batch while somebody searches.

    Args:
        size: That of the batch otherwise.
        pace: Seconds a picture; infinite where that is not known.
    """
    return max(1, min(size, int(SHORT_S / pace)))


def chunk_size(input_bytes: int, is_cpu: bool) -> int:
    """Return the number of files that pass through the pipeline together.

    Args:
        input_bytes: Of a picture's inputs for all models.
        is_cpu: Whether the processor computes all of them.
    """
    if is_cpu:
        return CHUNK
    return max(CHUNK, min(MAX_BATCH, CHUNK_BYTES // max(1, input_bytes)))
