"""Protected functions and blocks: what is called again, and how.

What an exception that is not healed looks like from outside must not differ from a program without this
package: it goes on by a bare ``raise``, so that its traceback, cause, context and notes stay as they were.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional, Tuple, cast

from ._gate import inside
from ._source import SourceWatch
from .detector import from_exception
from .results import HealingSession

if TYPE_CHECKING:
    from .orchestrator import SelfHealingOrchestrator

# The exception that an inner protected call could not heal: the outer ones need not look at it again. The list
# is made by the outermost call and goes with it, so that no exception is kept alive for longer.
_seen: "contextvars.ContextVar[Optional[List[BaseException]]]" = contextvars.ContextVar(
    "self_healing_seen", default=None
)


def _enter() -> Any:
    return _seen.set([]) if _seen.get() is None else None


def _leave(token: Any) -> None:
    if token is not None:
        try:
            _seen.reset(token)
        except ValueError:
            pass  # a coroutine that was closed from elsewhere


def _ours(healer: "SelfHealingOrchestrator", error: BaseException) -> bool:
    """Whether an exception is to be looked at."""
    if inside.get() or not healer.config.enabled:
        return False
    return not any(one is error for one in _seen.get() or ())


def _not_healed(error: BaseException) -> None:
    seen = _seen.get()
    if seen is not None:
        seen[:] = [error]


# So many values of a generator are kept so that it can be brought back to where it was.
_REPLAY = 256


def protect(healer: "SelfHealingOrchestrator", func: Any) -> Any:
    """Protects whatever can be called."""
    if isinstance(func, (staticmethod, classmethod)):
        return type(func)(protect(healer, func.__func__))
    if isinstance(func, property):
        get, put, delete = (
            None if part is None else protect(healer, part) for part in (func.fget, func.fset, func.fdel)
        )
        return property(get, put, delete, func.__doc__)
    if isinstance(func, type):
        raise TypeError("protect functions and methods, not a class")
    if not callable(func):
        raise TypeError(f"{func!r} cannot be called")
    if inspect.iscoroutinefunction(func):
        return _coroutine(healer, func)
    if inspect.isasyncgenfunction(func):
        return _async_generator(healer, func)
    if inspect.isgeneratorfunction(func):
        return _generator(healer, func)
    return _function(healer, func)


def _wraps(func: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    # A partial has no name to take over.
    assigned = [name for name in functools.WRAPPER_ASSIGNMENTS if hasattr(func, name)]
    wraps: Callable[[Callable[..., Any]], Callable[..., Any]] = functools.wraps(func, assigned=assigned)
    return wraps


def _heal(healer: "SelfHealingOrchestrator", error: Exception, again: Callable[[], Any]) -> Optional[HealingSession]:
    """A session for an exception; ``None`` where it is none of ours. Never raises but what must stop all."""
    if not _ours(healer, error):
        return None
    try:
        session = healer._session(from_exception(error), again, SourceWatch())
        if session.success:
            return session
    except Exception:
        # heal's own trouble must not stand in the way of the program's.
        import logging

        logging.getLogger("self_healing").exception("healing failed")
    _not_healed(error)
    return None


def _function(healer: "SelfHealingOrchestrator", func: Callable[..., Any]) -> Callable[..., Any]:
    @_wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        token = _enter()
        try:
            value = func(*args, **kwargs)
        except Exception as error:
            session = _heal(healer, error, lambda: func(*args, **kwargs))
            if session is None:
                raise
            value = session.result
        finally:
            _leave(token)
        if healer.detector._validators:
            wrong = healer.detector._check_value(value, getattr(func, "__qualname__", repr(func)))
            if wrong is not None:
                healer._call_back(healer._on_error, wrong)
        return value

    return wrapper


async def _heal_async(
    healer: "SelfHealingOrchestrator", error: Exception, func: Callable[[], Any]
) -> Optional[HealingSession]:
    """As :func:`_heal`, with the call made in the caller's own task while the engine works in a thread."""
    if not _ours(healer, error):
        return None
    import asyncio

    from ._baton import Baton

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # Another framework's loop: there is no way to hand the baton over to it.
        return None
    inbox: "asyncio.Queue[Tuple[str, Any]]" = asyncio.Queue()
    baton = Baton(lambda message: loop.call_soon_threadsafe(inbox.put_nowait, message))

    def heal(call: Callable[[], Any]) -> HealingSession:
        return healer._session(from_exception(error), call, SourceWatch())

    baton.start(heal)
    cancelled: Optional[BaseException] = None
    while True:
        try:
            kind, value = await inbox.get()
        except asyncio.CancelledError as stop:
            # The engine puts things in order first.
            cancelled = cancelled or stop
            baton.stop(stop)
            continue
        if kind == "call":
            if cancelled is not None:
                baton.reply("error", cancelled)
                continue
            token = inside.set(True)
            try:
                baton.reply("value", await func())
            except asyncio.CancelledError as stop:
                cancelled = stop
                baton.reply("error", stop)
            except BaseException as again:
                baton.reply("error", again)
                if not isinstance(again, Exception):
                    cancelled = again
            finally:
                inside.reset(token)
            continue
        if cancelled is not None:
            raise cancelled
        if kind == "broken":
            if not isinstance(value, Exception):
                raise value
            import logging

            logging.getLogger("self_healing").error("healing failed", exc_info=value)
        elif value.success:
            return cast(HealingSession, value)
        _not_healed(error)
        return None


def _coroutine(healer: "SelfHealingOrchestrator", func: Callable[..., Any]) -> Callable[..., Any]:
    @_wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        token = _enter()
        try:
            return await func(*args, **kwargs)
        except Exception as error:
            session = await _heal_async(healer, error, lambda: func(*args, **kwargs))
            if session is None:
                raise
            return session.result
        finally:
            _leave(token)

    return wrapper


def _async_generator(healer: "SelfHealingOrchestrator", func: Callable[..., Any]) -> Callable[..., Any]:
    @_wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        source = func(*args, **kwargs)
        try:
            item = await source.__anext__()
        except StopAsyncIteration:
            return
        except Exception as error:

            async def begin() -> Any:
                fresh = func(*args, **kwargs)
                try:
                    return fresh, await fresh.__anext__()
                except StopAsyncIteration:
                    return fresh, _END

            session = await _heal_async(healer, error, begin)
            if session is None:
                raise
            source, item = session.result
        # What was handed out cannot be taken back: from here on it is the generator's own.
        while item is not _END:
            try:
                sent = yield item
            except GeneratorExit:
                await source.aclose()
                raise
            except BaseException as thrown:
                step = source.athrow(thrown)
            else:
                step = source.asend(sent)
            try:
                item = await step
            except StopAsyncIteration:
                return

    return wrapper


class _End:
    """The end of a generator, with what it returns."""

    def __init__(self, value: Any = None) -> None:
        self.value = value


_END = _End()


class _Replay:
    """What a generator was sent and gave, so that a new one can be brought to the same place."""

    def __init__(self) -> None:
        self._steps: Optional[List[Tuple[Any, Any]]] = []

    def note(self, sent: Any, item: Any) -> None:
        if self._steps is not None:
            self._steps.append((sent, item))
            if len(self._steps) > _REPLAY:
                self._steps = None

    def forget(self) -> None:
        """What was thrown into it cannot be thrown again."""
        self._steps = None

    @property
    def possible(self) -> bool:
        return self._steps is not None

    def again(self, fresh: Any, sent: Any) -> Tuple[Any, Any]:
        """A new generator at the step that had failed."""
        assert self._steps is not None
        for before, item in self._steps:
            now = fresh.send(before)
            if not (now is item or now == item):
                raise RuntimeError("the generator gives other values when it is run again")
        try:
            return fresh, fresh.send(sent)
        except StopIteration as stop:
            return fresh, _End(stop.value)


def _generator(healer: "SelfHealingOrchestrator", func: Callable[..., Any]) -> Callable[..., Any]:
    @_wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        source = func(*args, **kwargs)
        replay = _Replay()
        sent: Any = None
        thrown: Optional[BaseException] = None
        while True:
            try:
                item = source.send(sent) if thrown is None else source.throw(thrown)
            except StopIteration as stop:
                return stop.value
            except Exception as error:
                if error is thrown or not replay.possible:
                    raise
                step = functools.partial(lambda value: replay.again(func(*args, **kwargs), value), sent)
                session = _heal(healer, error, step)
                if session is None:
                    raise
                source, item = session.result
                if isinstance(item, _End):
                    return item.value
            replay.note(sent, item)
            try:
                sent, thrown = (yield item), None
            except GeneratorExit:
                source.close()
                raise
            except BaseException as outside:
                thrown = outside
                replay.forget()

    return wrapper


class HealingContext:
    """A protected block. ``session`` is what became of its exception; ``None`` where there was none."""

    def __init__(self, healer: "SelfHealingOrchestrator", file_path: Optional[str]) -> None:
        self._healer = healer
        self._file_path = file_path
        self.session: Optional[HealingSession] = None

    def __enter__(self) -> "HealingContext":
        self.session = None
        return self

    def __exit__(self, kind: Any, error: Optional[BaseException], _: Any) -> None:
        if not isinstance(error, Exception) or inside.get() or not self._healer.config.enabled:
            return
        try:
            detected = from_exception(error, self._file_path)
            self.session = self._healer._session(detected, None)
        except Exception:
            import logging

            logging.getLogger("self_healing").exception("healing failed")
            return
        if self.session.final_result == "applied":
            self.session.reason = (
                "a block cannot be entered again: session.retry(function) or healer.attempts() prove it"
            )


class Attempt:
    """One entering of a block of :func:`attempts`."""

    def __init__(self, loop: "_Attempts") -> None:
        self._loop = loop

    def __enter__(self) -> None:
        if self._loop.baton is not None:
            self._token = inside.set(True)

    def __exit__(self, kind: Any, error: Optional[BaseException], _: Any) -> bool:
        if self._loop.baton is not None:
            inside.reset(self._token)
        return self._loop.ended(error)


class _Attempts:
    def __init__(self, healer: "SelfHealingOrchestrator") -> None:
        self.healer = healer
        self.baton: Any = None
        self.over = False
        self._first: Optional[Exception] = None
        self._inbox: Any = None

    def ended(self, error: Optional[BaseException]) -> bool:
        """The block has ended; whether its exception is taken care of."""
        if self.baton is None:
            if not isinstance(error, Exception) or inside.get() or not self.healer.config.enabled:
                self.over = True
                return False
            self._begin(error)
        elif error is None:
            self.baton.reply("value", None)
        else:
            self.baton.reply("error", error)
        kind, value = self._inbox.get()
        if kind == "call":
            return True
        self.over = True
        if kind == "done" and value.success:
            return error is None
        if error is None or error is self._first or not isinstance(error, Exception):
            return False
        # Everything is as it was before: so is the exception.
        assert self._first is not None
        raise self._first

    def _begin(self, error: Exception) -> None:
        import queue

        from ._baton import Baton

        self._first = error
        self._inbox = queue.SimpleQueue()
        self.baton = Baton(self._inbox.put)

        def heal(call: Callable[[], Any]) -> HealingSession:
            return self.healer._session(from_exception(error), call, SourceWatch())

        self.baton.start(heal)


def attempts(healer: "SelfHealingOrchestrator") -> Iterator[Attempt]:
    """A block that is entered until it succeeds or nothing is left to try."""
    loop = _Attempts(healer)
    while not loop.over:
        yield Attempt(loop)
