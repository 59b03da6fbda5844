"""Contextual decomposition as Murdoch, Liu & Yu (2018) write it down, equation by equation, both parts carried along."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def linearised(function: Any, bias: Any, terms: list[Any]) -> list[Any]:
    """The part of each term in function(bias + terms): the mean over all orders of the terms, the bias first."""
    parts = [np.zeros_like(terms[0]) for _ in terms]
    orders = list(permutations(range(len(terms))))
    for order in orders:
        total = bias
        for place in order:
            parts[place] = parts[place] + (function(total + terms[place]) - function(total)) / len(orders)
            total = total + terms[place]
    return parts


def layer(beta_x: Any, gamma_x: Any, w: Any, v: Any, bias: Any) -> tuple[Any, Any]:
    """One direction from left to right: beta and gamma of the hidden states."""
    size = len(bias) // 4
    beta, gamma, beta_c, gamma_c = (np.zeros(size) for _ in range(4))
    betas, gammas = [], []
    b_i, b_f, b_g, _ = np.split(bias, 4)
    for t in range(len(beta_x)):
        own = np.split(w @ beta_x[t] + v @ beta, 4)
        rest = np.split(w @ gamma_x[t] + v @ gamma, 4)
        o = sigmoid(own[3] + rest[3] + bias[3 * size :])
        i_beta, i_gamma = linearised(sigmoid, b_i, [own[0], rest[0]])
        f_beta, f_gamma = linearised(sigmoid, b_f, [own[1], rest[1]])
        g_beta, g_gamma = linearised(np.tanh, b_g, [own[2], rest[2]])
        i_b, f_b, g_b = sigmoid(b_i), sigmoid(b_f), np.tanh(b_g)
        beta_u = i_beta * (g_beta + g_b) + i_b * g_beta
        gamma_u = i_gamma * (g_beta + g_gamma + g_b) + (i_beta + i_b) * g_gamma + i_b * g_b
        gamma_c = (f_beta + f_gamma + f_b) * gamma_c + f_gamma * beta_c + gamma_u
        beta_c = (f_beta + f_b) * beta_c + beta_u
        h_beta, h_gamma = linearised(np.tanh, np.zeros(size), [beta_c, gamma_c])
        beta, gamma = o * h_beta, o * h_gamma
        betas.append(beta)
        gammas.append(gamma)
    return np.array(betas), np.array(gammas)


def decomposed(network: Any, ids: Any, mask: Any) -> tuple[Any, Any]:
    """Beta and gamma of the logits."""
    state = {name: value.detach().double().numpy() for name, value in network.state_dict().items()}
    x = state["embedding.weight"][ids]
    beta, gamma = x * mask[:, None], x * ~mask[:, None]
    for depth in range(network.settings.num_layers):
        parts = []
        for suffix, turn in (("", 1), ("_reverse", -1))[: 1 + network.settings.bidirectional]:
            w, v, b1, b2 = (
                state[f"lstm.{name}_l{depth}{suffix}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            parts.append([each[::turn] for each in layer(beta[::turn], gamma[::turn], w, v, b1 + b2)])
        beta, gamma = (np.concatenate(each, axis=1) for each in zip(*parts, strict=True))
    size, highest = network.settings.hidden_size, (beta + gamma).argmax(axis=0)
    pools = {
        "last": lambda h: np.concatenate([h[-1, :size], h[0, size:]]),
        "mean": lambda h: h.mean(axis=0),
        "max": lambda h: h[highest, np.arange(h.shape[1])],
    }
    pooled = [
        np.concatenate([pools[name](each) for name in network.settings.pooling.split("+")]) for each in (beta, gamma)
    ]
    weight, bias = state["linear.weight"], state["linear.bias"]
    return weight @ pooled[0], weight @ pooled[1] + bias
