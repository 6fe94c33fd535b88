#!/usr/bin/env python3
"""What importing the Python package costs: `PYTHON benches/import.py`, with an interpreter that has it.

Processor time of a fresh process, the least of ten, beside an interpreter that imports nothing and one that
imports `json`, so that the figures mean something on any machine.
"""

import subprocess
import sys

TIMED = "import time; t = time.process_time(); {}; print((time.process_time() - t) * 1000)"


def milliseconds(code):
    runs = [subprocess.run([sys.executable, "-c", TIMED.format(code)], capture_output=True, text=True, check=True) for _ in range(10)]
    return min(float(run.stdout) for run in runs)


for code in ("pass", "import json", "import self_healing", "from self_healing import SelfHealingOrchestrator"):
    print(f"{milliseconds(code):8.1f} ms  {code}")
