"""Handle Ctrl-C (SIGINT) and SIGTERM: finish the step in a training, shut down in order elsewhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

__all__ = ["Interrupt", "Terminated", "Termination"]

Handler = Callable[[int, FrameType | None], object] | int | None


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived. Code that shuts down in order after Ctrl-C does so after SIGTERM too."""

    exit_code = 128 + signal.SIGTERM


class _Handlers:
    """Context manager that handles some signals with `_handle`.

    An ignored signal stays ignored (as SIGINT is in the background of a script), and a program's own SIGTERM handler
    stays in place. Outside the main thread, where Python allows no handlers, nothing changes.
    """

    signals: tuple[signal.Signals, ...]

    def __enter__(self) -> Self:
        self._before: dict[signal.Signals, Handler] = {}
        if threading.current_thread() is threading.main_thread():
            for number in self.signals:
                before = signal.getsignal(number)
                if _may_replace(number, before):
                    self._before[number] = before
                    signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        raise NotImplementedError


class Termination(_Handlers):
    """Context manager in which SIGTERM raises `Terminated`, as Ctrl-C raises KeyboardInterrupt.

    Attributes:
        signal: SIGTERM once it has arrived, here or in a training; otherwise SIGINT.
    """

    signals = (signal.SIGTERM,)

    def __init__(self) -> None:
        self.signal = signal.SIGINT

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number)
        raise Terminated


class Interrupt(_Handlers):
    """Context manager in which the first Ctrl-C or SIGTERM sets `requested`, and a second one raises at once.

    On exit a received SIGTERM ends the process, unless an outer `Termination` handles it.
    """

    signals = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.requested = False
        self._received: signal.Signals | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self._received is not signal.SIGTERM:
            return
        outer = _owner(self._before[signal.SIGTERM])
        if isinstance(outer, Termination):
            outer.signal = signal.SIGTERM
        else:
            signal.raise_signal(signal.SIGTERM)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._received = signal.Signals(number)
        if self.requested:
            raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
        self.requested = True


def _may_replace(number: signal.Signals, handler: Handler) -> bool:
    if number == signal.SIGINT:
        return handler not in (signal.SIG_IGN, None)  # None: not installed from Python
    return handler is signal.SIG_DFL or isinstance(_owner(handler), _Handlers)


def _owner(handler: Handler) -> object:
    return getattr(handler, "__self__", None)
