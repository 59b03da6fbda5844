"""Mutations of the kernel that tests must detect."""

from __future__ import annotations

from tests.builds import Change

CHANGES = (
    # weights
    Change(
        "two gates are swapped", "kernel/engine.cpp", "column % kPanel / kBlock;", "(column % kPanel / kBlock) ^ 1;"
    ),
    Change(
        "one of the biases is dropped",
        "kernel/engine.cpp",
        "weights.input_bias[row] + weights.hidden_bias[row]",
        "weights.input_bias[row]",
    ),
    # sequences
    Change(
        "a sequence is not reversed",
        "kernel/layer.hpp",
        "first[row] + (reverse ? length[row] - 1 - step : step)",
        "first[row] + step",
    ),
    Change(
        "a neighbour's initial state is used",
        "kernel/engine.cpp",
        "place[part].push_back(row);",
        "place[part].push_back(order[(i + 1) % batch]);",
    ),
    Change("the last step is skipped", "kernel/layer.hpp", "rows ? length[0] : 0", "rows ? length[0] - 1 : 0"),
    Change("a row ends a step early", "kernel/layer.hpp", "length[from - 1] <= step", "length[from - 1] <= step + 1"),
    Change(
        "the first hidden state is that of the first row",
        "kernel/forward.hpp",
        ": h0[batch.place[row]];",
        ": h0[0];",
    ),
    Change(
        "the first cell state is the first hidden state",
        "kernel/forward.hpp",
        "job.c0[batch.place[row]]",
        "job.h0[batch.place[row]]",
    ),
    # forward
    Change("the cell of the step before is forgotten", "kernel/forward.hpp", "a.f * load(at.cell + lane) + ", ""),
    Change("the cell is shown without tanh", "kernel/forward.hpp", "a.o * tanh(c)", "a.o * c"),
    Change("a gate saturates early", "kernel/simd.hpp", "within(-x, 43.0f)", "within(-x, 9.0f)"),
    Change("the candidate saturates early", "kernel/simd.hpp", "within(x + x, 40.0f)", "within(x + x, 9.0f)"),
    Change(
        "the exponential lacks a term", "kernel/simd.hpp", "r * 1.381454e-3f + 8.368745e-3f", "r * 0.0f + 8.368745e-3f"
    ),
    Change(
        "NaN becomes a number",
        "kernel/simd.hpp",
        "x = x < -bound ? all(-bound) : x;",
        "x = x > -bound ? x : all(-bound);",
    ),
    Change(
        "NaN becomes a number in the widest vectors",
        "kernel/simd.hpp",
        "_mm512_max_ps((__m512)all(-bound), (__m512)x)",
        "_mm512_max_ps((__m512)x, (__m512)all(-bound))",
        needs="avx512",
    ),
    Change(
        "half of a vector is left out of a sum",
        "kernel/simd.hpp",
        "_mm256_extractf128_ps((__m256)lanes, 1)",
        "_mm256_extractf128_ps((__m256)lanes, 0)",
        needs="avx2",
    ),
    Change(
        "streamed values are wrong",
        "kernel/forward.hpp",
        "stream(to, value);",
        "stream(to, value + value);",
    ),
    # tiles and remainders
    Change(
        "the sixth row of a tile is forgotten",
        "kernel/tile.hpp",
        "default: return product_rows<6>",
        "default: return product_rows<5>",
    ),
    Change(
        "the last block of columns is forgotten",
        "kernel/tile.hpp",
        "for (; at < columns; at += kBlock)",
        "for (; at + kBlock < columns; at += kBlock)",
        needs="avx512",
    ),
    Change(
        "the last block of a weight's gradient is forgotten",
        "kernel/tile.hpp",
        "for (; column < width; column += kBlock)",
        "for (; column + kBlock < width; column += kBlock)",
        needs="avx512",
    ),
    Change(
        "the last rows of a weight's gradient are forgotten",
        "kernel/tile.hpp",
        "for (; j + 2 <= height; j += 2)",
        "for (; j + 2 < height; j += 2)",
    ),
    Change(
        "the last lane is not loaded",
        "kernel/simd.hpp",
        "for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];",
        "for (int64_t i = 0; i + 1 < count; ++i) lanes[i] = from[i];",
    ),
    Change(
        "the last lane is not stored",
        "kernel/simd.hpp",
        "for (int64_t i = 0; i < count; ++i) to[i] = value[i];",
        "for (int64_t i = 0; i + 1 < count; ++i) to[i] = value[i];",
    ),
    Change(
        "padding keeps what was in memory",
        "kernel/forward.hpp",
        "for (int64_t i = count; i < whole; ++i) to[i] = 0.0f;",
        "(void)whole;",
    ),
    # backward
    Change("the candidate's slope is wrong", "kernel/backward.hpp", "dc * i * (1.0f - g * g)", "dc * i * (1.0f - g)"),
    Change("the input gate's slope is wrong", "kernel/backward.hpp", "dc * g * i * (1.0f - i)", "dc * g * (1.0f - i)"),
    Change("the slope of tanh is forgotten", "kernel/backward.hpp", "dh * o * (1.0f - shown * shown)", "dh * o"),
    Change(
        "a cell's gradient is not forgotten",
        "kernel/backward.hpp",
        "store(at.cell_gradient + lane, dc * f);",
        "store(at.cell_gradient + lane, dc);",
    ),
    Change(
        "the forget gate's gradient has the cell of its own step",
        "kernel/backward.hpp",
        "job.cells[job.batch.token(row, step - 1)]",
        "job.cells[job.batch.token(row, step)]",
    ),
    Change(
        "the forget gate's gradient lacks the first cell state",
        "kernel/backward.hpp",
        ": job.c0[place]) + unit",
        ": job.h0[place]) + unit",
    ),
    Change("the gradient of c_n is lost", "kernel/backward.hpp", "job.c_n_gradient[batch.place[row]][unit]", "0.0f"),
    Change("the gradient of h_n is lost", "kernel/backward.hpp", "if (at.h_n_gradient) dh", "if (false) dh"),
    Change("the gradient of the outputs is lost", "kernel/backward.hpp", "if (at.out_gradient) dh", "if (false) dh"),
    Change(
        "the wrong step is carried to the next chunk",
        "kernel/backward.hpp",
        "chunk.slot(row, chunk.start) * width",
        "chunk.slot(row, chunk.end - 1) * width",
    ),
    Change(
        "an empty sequence's gradient of h_0 is that of c_n",
        "kernel/backward.hpp",
        "empty(job.h0_gradient, job.h_n_gradient,",
        "empty(job.h0_gradient, job.c_n_gradient,",
    ),
    Change(
        "gates are recomputed from the wrong state",
        "kernel/backward.hpp",
        "scratch.at.from[count] = before(job.batch, job.out, job.h0, row, step);",
        "scratch.at.from[count] = before(job.batch, job.out, job.h0, row, 0);",
    ),
    Change(
        "only the last thread's part of a gradient counts",
        "kernel/engine.cpp",
        "sum[k] = part ? sum[k] + more[k] : more[k]",
        "sum[k] = more[k]",
    ),
    Change(
        "only one direction's gradient of the inputs counts",
        "kernel/engine.cpp",
        "gradients.x[i] += x_gradients[d][i]",
        "gradients.x[i] = x_gradients[d][i]",
    ),
    Change(
        "the input bias has no gradient where the hidden one is frozen",
        "operators.py",
        "any(flat[at + 2 : at + each])",
        "flat[at + each - 1]",
    ),
    # shared inputs, few tokens, bfloat16
    Change(
        "the last token of a shared input is forgotten",
        "kernel/table.hpp",
        "at < job.offset[row + 1]",
        "at + 1 < job.offset[row + 1]",
    ),
    Change("a dot product's remainder is forgotten", "kernel/step.hpp", "if (k < depth) {", "if (false) {"),
    Change(
        "a few tokens begin with the hidden state as the cell state",
        "kernel/engine.cpp",
        "std::copy_n(layer.c0,",
        "std::copy_n(layer.h0,",
    ),
    Change(
        "one of two bfloat16 is lost", "kernel/simd.hpp", "low_halves(second) << 16", "low_halves(second)", needs="bf16"
    ),
)
