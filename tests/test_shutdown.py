"""The app ends after SIGTERM or SIGINT, whatever its threads do at that moment."""

import os
import subprocess
import sys
from pathlib import Path

from tests import forks
from tests.servers import ROOT, answers, environment, free_port, wait_for

# Python handles signals in the main thread, which may be in the middle of anything. Here it never
# gets to end the process: the signal comes to another thread, while the main one waits for a lock,
# or begins to, and then gets a KeyboardInterrupt first.
MAIN_THREAD_WAITS = """
import os, signal, threading, time
from searcher import serve

serve.end_on_signals()
threading.Thread(target=lambda: time.sleep(1e6), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
is_ready = False
while True:
    try:
        if not is_ready:
            is_ready = True
            print("ready", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
"""


def test_it_ends_though_the_main_thread_handles_no_signal() -> None:
    # Coverage would save its data in the thread that ends the process, and wake the main thread.
    env = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")}
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN_THREAD_WAITS], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.terminate()
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()


def test_it_can_be_ended_while_it_starts(tmp_path: Path, baselines: Path) -> None:
    """At the moment when the port answers, Gradio is not done with its start."""
    port = free_port()
    process = forks.popen(
        [sys.executable, ROOT / "app.py"],
        env=environment(tmp_path, PORT=str(port), MODELS_DIR=str(baselines)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: answers(port), what="the port")
        process.terminate()
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
