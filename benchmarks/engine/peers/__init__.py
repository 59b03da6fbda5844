"""The peers by name, and the matrix products that define the floors.

Each entry is a module and a function that takes the number of threads and returns a `Peer`. A new peer is one such
function and one line here. Modules are imported only in the peer's own process.
"""

from __future__ import annotations

__all__ = ["OURS", "PEERS", "PRODUCTS"]

OURS = ("longshort", "longshort-torch")
"""The first available one is the reference."""

PEERS: dict[str, str] = {
    "longshort": "longshort_layers:native",
    "longshort-torch": "longshort_layers:torch_backend",
    "longshort-bf16": "longshort_layers:bfloat16",
    "torch-packed": "torch_layers:packed",
    "torch-padded": "torch_layers:padded",
    "torch-bucketed": "torch_layers:bucketed",
    "keras-tensorflow": "keras_tensorflow:peer",
    "keras-jax": "keras_jax:peer",
    "jax-scan": "jax_scan:peer",
    "onnxruntime": "onnx_runtime:peer",
}

PRODUCTS: dict[str, str] = {
    "torch.mm": "products:torch_mm",
    "numpy": "products:numpy_matmul",
    "oneDNN": "products:onednn_linear",
    "jax": "products:jax_dot",
}
"""Float32 matrix products; the first is the floor of every row, the fastest other one the second floor."""
