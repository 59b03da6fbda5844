"""Ctrl-C (SIGINT) and SIGTERM: in a training they finish the step, elsewhere they end what runs in order."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interrupt", "Terminated", "Termination"]


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; whatever ends in order after Ctrl-C does so after this too."""

    exit_code = 128 + signal.SIGTERM


class _Handlers:
    """While entered, `_handle` hears some signals.

    A signal that is ignored stays ignored (SIGINT is, in the background of a script), and a SIGTERM that the program
    hears itself stays its own. Outside the main thread, where Python allows no handlers, nothing changes.
    """

    signals: tuple[signal.Signals, ...]

    def __enter__(self) -> Self:
        self._before: dict[signal.Signals, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for number in self.signals:
                before = signal.getsignal(number)
                if _may_be_heard(number, before):
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
    """While entered, SIGTERM raises `Terminated` as Ctrl-C raises KeyboardInterrupt.

    Attributes:
        signal: the one that ended what ran: SIGTERM once that has arrived, here or in a training, otherwise SIGINT.
    """

    signals = (signal.SIGTERM,)

    def __init__(self) -> None:
        self.signal = signal.SIGINT

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number)
        raise Terminated


class Interrupt(_Handlers):
    """While entered, the first Ctrl-C or SIGTERM sets `requested`; a second one ends what runs at once.

    Afterwards a SIGTERM ends the process, unless a `Termination` is entered that says what else is to be done.
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


def _may_be_heard(number: signal.Signals, handler: Any) -> bool:
    if number == signal.SIGINT:
        return handler not in (signal.SIG_IGN, None)  # None: not set by Python
    return handler is signal.SIG_DFL or isinstance(_owner(handler), _Handlers)


def _owner(handler: Any) -> Any:
    return getattr(handler, "__self__", None)
