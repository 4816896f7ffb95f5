"""Where onnxruntime runs models: its execution providers and their options."""

from typing import Any

import onnxruntime as ort

CPU = "CPUExecutionProvider"
# In order of preference. onnxruntime falls back to the next one for what a provider can't run.
PROVIDERS: dict[str, dict[str, Any]] = {
    # Searching for the fastest algorithm takes seconds for each new size of batch.
    "CUDAExecutionProvider": {"cudnn_conv_algo_search": "HEURISTIC"},
    "CoreMLExecutionProvider": {},
    "OpenVINOExecutionProvider": {},
    CPU: {},
}


def preferred(accelerated: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return the providers that this onnxruntime has, with their options; the CPU is the last.

    Args:
        accelerated: Whether to use providers other than the CPU.
    """
    available = set(ort.get_available_providers())
    return [
        (name, options)
        for name, options in PROVIDERS.items()
        if name in available and (accelerated or name == CPU)
    ]


def device(provider: str) -> str:
    """Return a provider's name for people, such as `CPU` or `CUDA`."""
    return provider.removesuffix("ExecutionProvider")
