"""Makes the virtual environment as the pinned requirements say, then becomes the program asked for.

Run by the system's own Python, so it needs nothing but the standard library:
`python3 config/supervisor/environment.py [--dev] [ARGUMENTS OF PYTHON …]`.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    """Bring the environment up to date; when it already is, this costs a few milliseconds."""
    if sys.version_info < OLDEST:
        found = "{}.{}".format(*sys.version_info)
        return fail(f"Python 3.11 or newer is needed; this is {found}. Try: make PYTHON=python3.11 …")
    dev = arguments[:1] == ["--dev"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    requirements = ROOT / ("requirements-dev.txt" if dev else "requirements.txt")
    with requirements.open("rb") as lock:  # two commands at once: the second waits
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (code := install(requirements, "the developers' tools" if dev else "the pinned packages")) != 0:
            return code
    rest = arguments[1:] if dev else arguments
    if rest:
        sys.stdout.flush()
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *rest])  # nosec B606
    return 0


def install(requirements: Path, what: str) -> int:
    """Install them with their hashes checked, unless exactly these are installed already."""
    stamp = VENV / f".installed-{requirements.stem}"
    state = hashlib.sha256(requirements.read_bytes() + str(sys.version_info[:2]).encode()).hexdigest()
    if PYTHON.exists() and stamp.is_file() and stamp.read_text() == state:
        return 0
    pip = [str(PYTHON), "-m", "pip"]
    if not works([*pip, "--version"]) and not works([str(PYTHON), "-m", "ensurepip"]):
        print("Making the virtual environment .venv …", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        if run([sys.executable, "-m", "venv", str(VENV)]) != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            version = "{}.{}".format(*sys.version_info)
            return fail(
                f"This Python can't make virtual environments. On Debian: apt-get install python{version}-venv"
            )
    print(f"Installing {what}; this takes a minute or two the first time …", flush=True)
    command = [*pip, "install", "--quiet", "--disable-pip-version-check"]
    if (code := run([*command, "--require-hashes", "-r", str(requirements)])) != 0:
        return fail(f"pip could not install {requirements.name} (exit {code}); what it said is above.")
    stamp.write_text(state)
    return 0


def works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(command: list[str]) -> int:
    """Its exit code; when we are told to stop, it is stopped too."""
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def fail(words: str) -> int:
    print(f"Vitrine: {words}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
