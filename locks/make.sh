#!/usr/bin/env bash
# The hashes of every file of every package at the versions of constraints.txt, from PyPI: what `make lock` runs.
# torch has a file of its own. PyPI's build for Linux needs CUDA's libraries, the one for processors alone does not, and
# nothing in a lock can tell which of them a machine is offered; so what torch needs beside itself is left to pip.
set -euo pipefail
cd "$(dirname "$0")"
uv=${1:-uv}
# The build for processors alone, as https://download.pytorch.org/whl/cpu has it for Python 3.11 on x86-64.
torch_cpu=6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b

compile() {
  local name=$1
  shift
  "$uv" pip compile "$@" --constraint ../constraints.txt --generate-hashes --python-version 3.11 --python-platform linux \
    --no-header --no-annotate --quiet --output-file "$name.txt" > /dev/null
}

# Packages that only torch's build with CUDA asks for are not ours to pin: torch itself pins them.
ours=(--no-emit-package torch --no-emit-package triton)
for name in bindings pathfinder toolkit; do ours+=(--no-emit-package "cuda-$name"); done
for name in cublas cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse cusparselt-cu13 \
  nccl-cu13 nvjitlink nvshmem-cu13 nvtx; do ours+=(--no-emit-package "nvidia-$name"); done

build=$(mktemp)
trap 'rm -f "$build"' EXIT
printf '%s\n' scikit-build-core nanobind cmake ninja > "$build" # what builds the kernel, so that no build fetches its own
compile demo ../pyproject.toml "$build" --extra samples "${ours[@]}"
compile dev ../pyproject.toml "$build" --extra samples --extra dev "${ours[@]}"
printf 'uv\npip-audit\n' > "$build"
compile tools "$build"
printf 'atheris\n' > "$build"
compile fuzz "$build"
printf 'torch\n' > "$build"
compile torch "$build" --no-deps
grep -q "$torch_cpu" torch.txt || sed -i "2i\\    --hash=sha256:$torch_cpu \\\\" torch.txt
