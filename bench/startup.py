"""Start-up: ``kb --help`` and one question, as whole processes, beside a bare interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from bench.common import ROOT, median_seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "KB_HOME": home, "PYTHONPATH": str(ROOT)}

        def run(*arguments: str) -> None:
            subprocess.run([sys.executable, *arguments], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

        run("-m", "kb", "ingest", "corpus")
        bare = median_seconds(lambda: run("-c", "pass"))
        for name, arguments in {
            "kb --help": ("--help",),
            "kb ask": ("ask", "Who described the collaboration as a dragnet?"),
        }.items():
            seconds = median_seconds(lambda arguments=arguments: run("-m", "kb", *arguments))
            print(f"{name:<12} {seconds * 1000:6.0f} ms  {seconds / bare:5.1f} x a bare python ({bare * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
