"""The peers by name, and the products that a floor is measured by.

Each is a module and a function of it, which takes the number of threads and returns a `Peer`: a new peer is one such
function and one line here. Modules are imported in the peer's own process only.
"""

from __future__ import annotations

__all__ = ["OURS", "PEERS", "PRODUCTS"]

OURS = ("longshort", "longshort-torch")
"""The reference is the first of these that is there."""

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
"""Float32 matrix products; the first is the floor of every row, the fastest of the others is the second floor."""
