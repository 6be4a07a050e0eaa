"""A real OpenSearch without Docker: the distribution that Maven Central carries, run on a Java of 21 or newer."""

import os
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx

from config.servers import ServerError
from config.servers.ports import free_port
from config.servers.processes import Child, hand_over, let_through, spawn, system_user

VERSION = "3.6.0"
ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
OLDEST_JAVA = 21
MEND = "Set OPENSEARCH_URL to an OpenSearch 3 that runs, or see docs/operators.md."


def cache_folder() -> Path:
    """Where downloads are kept between runs: VITRINE_CACHE, or a folder every user of the machine may read."""
    if given := os.environ.get("VITRINE_CACHE"):
        return Path(given)
    return Path("/var/cache/vitrine") if os.geteuid() == 0 else Path.home() / ".cache" / "vitrine"


def find_java() -> Path:
    """The home of a Java that OpenSearch runs on.

    Raises:
        ServerError: there is none of version 21 or newer.
    """
    homes = [Path(os.environ[name]) for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    for parent in (Path("/usr/lib/jvm"), Path("/opt")):
        homes += sorted(parent.iterdir(), reverse=True) if parent.is_dir() else []
    if on_path := shutil.which("java"):
        homes.append(Path(on_path).resolve().parent.parent)
    for home in homes:
        if (home / "bin" / "java").is_file() and _java_version(home) >= OLDEST_JAVA:
            return home
    raise ServerError(f"No Java {OLDEST_JAVA} or newer was found. Set OPENSEARCH_JAVA_HOME. {MEND}")


def _java_version(home: Path) -> int:
    release = home / "release"
    if not release.is_file():
        return 0
    found = re.search(r'JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8", errors="replace"))
    return int(found[1]) if found else 0


def fetch(say: Callable[[str], None] = lambda words: None) -> Path:
    """The unpacked distribution in the cache, fetched once through Maven.

    Raises:
        ServerError: Maven is missing or can't fetch it.
    """
    target = cache_folder() / f"opensearch-{VERSION}"
    if (target / "bin" / "opensearch").is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerError(
            f"Maven is not installed, which fetches OpenSearch. `apt-get install maven`. {MEND}"
        )
    say("Fetching OpenSearch, once …")
    command = [maven, "-q", "-B", GOAL, "-Dtransitive=false", f"-Dartifact={ARTIFACT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    group, name, version, kind = ARTIFACT.split(":")
    local = (
        Path.home()
        / ".m2"
        / "repository"
        / group.replace(".", "/")
        / name
        / version
        / f"{name}-{version}.{kind}"
    )
    if done.returncode or not local.is_file():
        raise ServerError(
            f"Maven could not fetch OpenSearch: {(done.stdout + done.stderr)[-400:].strip()}. {MEND}"
        )
    unpacking = target.with_name(f"{target.name}.{os.getpid()}")
    with zipfile.ZipFile(local) as archive:
        archive.extractall(unpacking)
    inner = next(unpacking.iterdir())
    _open_to_read(inner)
    try:
        inner.rename(target)
    except OSError:
        if not (target / "bin" / "opensearch").is_file():
            raise
    shutil.rmtree(unpacking, ignore_errors=True)
    return target


def _open_to_read(folder: Path) -> None:
    """The archive keeps its settings from others; the user that runs it must read them, and run its programs."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


class OpenSearchServer:
    """One node in a folder of its own, on a port of the loopback."""

    name = "OpenSearch"

    def __init__(self, folder: Path, port: int | None = None, heap: str = "1g") -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.heap = heap
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 120) -> str:
        """Start it, wait until it answers and return its address.

        Raises:
            ServerError: it can't be had, or does not answer in time.
        """
        java, home, user = find_java(), fetch(), system_user()
        for name in ("config", "data", "logs", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._configure(home)
        hand_over(self.folder, user)
        if user:
            let_through(home / "bin")
        self.child = spawn(
            [str(home / "bin" / "opensearch")],
            log=self.folder.with_name(f"{self.folder.name}.log"),
            folder=self.folder,
            user=user,
            env={
                "PATH": os.environ["PATH"],
                "OPENSEARCH_JAVA_HOME": str(java),
                "OPENSEARCH_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
                "OPENSEARCH_PATH_CONF": str(self.folder / "config"),
                "OPENSEARCH_TMPDIR": str(self.folder / "tmp"),
            },
        )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.child.has_ended:
            try:
                health = httpx.get(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=8)
                if health.is_success:
                    return self.url
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        words = self.child.last_words()
        self.stop()
        raise ServerError(f"OpenSearch did not start. Its last words:\n{words}")

    def _configure(self, home: Path) -> None:
        config = self.folder / "config"
        for file in (home / "config").iterdir():
            # Without the lines that would write logs and dumps beside the program, which is not ours to write.
            if file.name == "jvm.options":
                lines = [
                    line
                    for line in file.read_text().splitlines()
                    if "logs/" not in line and "=data" not in line
                ]
                (config / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            elif file.is_file() and file.name not in ("opensearch.yml", "opensearch.keystore"):
                shutil.copyfile(file, config / file.name)
        settings = [
            "cluster.name: vitrine",
            "discovery.type: single-node",
            "network.host: 127.0.0.1",
            f"http.port: {self.port}",
            f"transport.port: {free_port()}",
            f"path.data: {self.folder / 'data'}",
            f"path.logs: {self.folder / 'logs'}",
            "cluster.routing.allocation.disk.threshold_enabled: false",
        ]
        (config / "opensearch.yml").write_text("\n".join(settings) + "\n", encoding="utf-8")

    def stop(self) -> None:
        """Stop it and wait until it has gone. Doing so twice is harmless."""
        if self.child is not None:
            self.child.stop(30)
            self.child = None
