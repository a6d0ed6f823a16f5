"""The Qt binding that is installed survives any number of signals: PySide6 6.12.0 does not, on Python 3.11."""

from __future__ import annotations

import subprocess
import sys

CODE = """
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    sent = Signal()

def receive():
    pass

sender = Sender()
sender.sent.connect(receive)
for _ in range(50_000):
    sender.sent.emit()
print("alive")
"""


def test_many_signals() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
