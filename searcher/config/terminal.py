"""Run a program on any terminal, file or pipe, in any locale."""

import codecs
import contextlib
import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from searcher.messages.message import Message, message
from searcher.messages.system import explain_failure, os_reason

INTERRUPTED = 130  # the exit status after Ctrl-C
CLOSED_PIPE = 141  # the exit status when nobody reads the output any more
FAILED = 2
LOSSY = "twinlens.lossy"  # a handler of encoding errors
# Plain spellings of what sentences and tables have.
PLAIN = {
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("–—", "-"),
    "…": "...",
    "\N{NO-BREAK SPACE}": " ",
    "\N{REPLACEMENT CHARACTER}": "?",
    "±": "+/-",
    "×": "x",
    "²": "^2",
}

log = logging.getLogger(__name__)


def run_program(program: Callable[[], int]) -> int:
    """Run a program, and write out what it has printed.

    Args:
        program: Returns its exit status.

    Returns:
        The exit status: that of the program, INTERRUPTED after Ctrl-C, CLOSED_PIPE, or FAILED with
        a sentence on stderr, after an error that the program does not handle.
    """
    use_utf8_names()
    print_anything()
    output = sys.stdout
    try:
        status = program()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        status = CLOSED_PIPE
    except Exception as error:
        log.debug("unexpected", exc_info=error)
        status = FAILED
        _report(explain_failure(error))
    if sys.stdout is not output:  # replaced by typer because the pipe is closed
        status, sys.stdout = CLOSED_PIPE, output
    if status == INTERRUPTED:  # a second Ctrl-C must not interrupt what is still written out
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return flush(status)


def leave(status: int) -> NoReturn:
    """End the process with the status of `run_program`.

    After Ctrl-C at once: for an interrupted call of Milvus gRPC would wait for ever while Python
    takes its objects apart.
    """
    if status == INTERRUPTED:
        leave_at_once(status)
    sys.exit(status)


def leave_at_once(status: int) -> NoReturn:
    """End the process although threads still run, and without taking objects apart."""
    logging.shutdown()
    os._exit(status)


def use_utf8_names() -> None:
    """Start the program again in Python's UTF-8 mode if the locale has another encoding.

    Else one file would have different paths in different terminals, and the library stores paths.
    The encoding of output remains the terminal's.
    """
    if sys.getfilesystemencoding() == "utf-8" or os.environ.get("PYTHONUTF8") == "1":
        return
    encoding = sys.stdout.encoding if sys.stdout else "ascii"
    env = {"PYTHONIOENCODING": f"{encoding}:backslashreplace"} | os.environ | {"PYTHONUTF8": "1"}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], env)


def print_anything() -> None:
    """Let `print` take any text, whatever the terminal's encoding, and any closed stream."""
    # Closed ones would be reopened as the next file, and then get what is printed.
    with contextlib.suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(number)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    codecs.register_error(LOSSY, _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=LOSSY)


def flush(status: int) -> int:
    """Write out what was printed, and return the exit status of `run_program`."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            status = CLOSED_PIPE
            _drop(stream)
        except (OSError, ValueError) as error:
            # After a failure the reason was reported.
            if stream is sys.stdout and isinstance(error, OSError) and status != FAILED:
                status = FAILED
                _report(message("failure.output", reason=os_reason(error)))
            _drop(stream)
    return status


def _report(sentence: Message) -> None:
    with contextlib.suppress(OSError):
        print(sentence, file=sys.stderr, flush=True)


def _drop(stream: object) -> None:
    """Discard what a stream still holds, which Python would write again when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())  # type: ignore[attr-defined]
        os.close(null)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks: by a plain spelling, or by its code."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    texts = []
    for character in error.object[error.start : error.end]:
        code = character.encode("ascii", "backslashreplace").decode()
        texts.append(PLAIN.get(character, code))
    return "".join(texts), error.end
