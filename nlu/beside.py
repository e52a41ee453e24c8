"""Works something out in a second process, while this one goes on.

Training fits each model twice, once for what is held out, and the two need nothing from each other.
Threads would not do: liblinear has one source of chance for all threads of a process, so that what
comes out would hang on the timing. A process of its own has its own, and the result stays the same.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


class NothingCameBack(RuntimeError):
    """The second process ended without a result; what it printed tells why."""


def beside(work: Callable[[], T]) -> Callable[[], T]:
    """Begin the work; calling what is returned waits for its result.

    The second process is a copy of this one, so nothing but the result has to be carried over.
    Where copies are not safe (macOS) or not known (Windows) the work waits until it is asked for.
    """
    if platform.system() != "Linux":
        return work
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, work))
    process.start()
    sender.close()  # only the copy holds it now: should it die, waiting ends

    def result() -> T:
        try:
            found: T = receiver.recv()
        except EOFError as error:
            raise NothingCameBack("a part of the training ended without a result") from error
        finally:
            receiver.close()
            process.join()
        return found

    return result


def _send(sender: Connection, work: Callable[[], T]) -> None:
    sender.send(work())
