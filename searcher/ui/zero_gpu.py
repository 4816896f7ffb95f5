"""What Hugging Face's ZeroGPU hardware wants of an app: a function that would use the GPU.

The networks run on the processor there: onnxruntime is not known to get the GPU, which a process
has only while a decorated function runs.
"""

import logging
import os
from collections.abc import Mapping

VARIABLE = "SPACES_ZERO_GPU"  # which the platform sets

log = logging.getLogger(__name__)


def declare_gpu_function(env: Mapping[str, str] = os.environ) -> bool:
    """Declare a function of no effect on ZeroGPU, which stops apps that have none.

    Call it before the page is launched. Nothing calls the function, so that no quota is used.

    Args:
        env: The variables by name.

    Returns:
        Whether it was declared: this is ZeroGPU, and has the platform's package.
    """
    if env.get(VARIABLE, "").lower() not in ("1", "t", "true"):
        return False
    try:
        import spaces  # which Spaces have installed; elsewhere it is not needed
    except ImportError as error:
        log.warning("%s is set, but the package spaces can't be imported: %s", VARIABLE, error)
        return False
    spaces.GPU(_no_operation)
    return True


def _no_operation() -> None:
    """Do nothing."""
