"""A real OpenSearch without Docker: the distribution that Maven Central carries, run on a Java of 21 or newer."""

import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import httpx

from config.servers import ServerError
from config.servers.ports import free_port

VERSION = "3.6.0"
ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
USER = "vitrine-search"
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


def fetch() -> Path:
    """The unpacked distribution in the cache, fetched once through Maven.

    Raises:
        ServerError: Maven is missing or can't fetch it.
    """
    target = cache_folder() / f"opensearch-{VERSION}"
    if (target / "bin" / "opensearch").is_file():
        return target
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerError(f"Maven is not installed, which fetches OpenSearch. `apt-get install maven`. {MEND}")
    command = [maven, "-q", "-B", GOAL, "-Dtransitive=false", f"-Dartifact={ARTIFACT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    group, name, version, kind = ARTIFACT.split(":")
    local = Path.home() / ".m2" / "repository" / group.replace(".", "/") / name / version / f"{name}-{version}.{kind}"
    if done.returncode or not local.is_file():
        raise ServerError(f"Maven could not fetch OpenSearch: {(done.stdout + done.stderr)[-400:].strip()}. {MEND}")
    unpacking = target.with_name(f"{target.name}.{os.getpid()}")
    with zipfile.ZipFile(local) as archive:
        archive.extractall(unpacking)  # noqa: S202 - from a repository that signs, with checksums checked by Maven
    inner = next(unpacking.iterdir())
    for program in (inner / "bin").iterdir():
        program.chmod(0o755)
    try:
        inner.rename(target)
    except OSError:
        if not (target / "bin" / "opensearch").is_file():
            raise
    shutil.rmtree(unpacking, ignore_errors=True)
    return target


def _run_as() -> str | None:
    """The system user to run as, made when we are root; OpenSearch refuses to run as root."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/false", USER], check=True)  # noqa: S607
    return USER


class OpenSearchServer:
    """One node in a folder of its own, on a port of the loopback."""

    def __init__(self, folder: Path, port: int | None = None, heap: str = "1g") -> None:
        self.folder = folder
        self.port = port or free_port()
        self.heap = heap
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 120) -> str:
        """Start it, wait until it answers and return its address.

        Raises:
            ServerError: it can't be had, or does not answer in time.
        """
        home, java, user = fetch(), find_java(), _run_as()
        config = self.folder / "config"
        for name in ("config", "data", "logs", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for file in (home / "config").iterdir():
            if file.is_file() and file.name != "opensearch.yml":
                shutil.copy(file, config / file.name)
        lines = [
            "cluster.name: vitrine",
            "discovery.type: single-node",
            "network.host: 127.0.0.1",
            f"http.port: {self.port}",
            f"transport.port: {free_port()}",
            f"path.data: {self.folder / 'data'}",
            f"path.logs: {self.folder / 'logs'}",
            "cluster.routing.allocation.disk.threshold_enabled: false",
        ]
        (config / "opensearch.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if user:
            _let_in(self.folder, user)
        log = (self.folder / "opensearch.log").open("ab")
        self._process = subprocess.Popen(
            [str(home / "bin" / "opensearch")],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "OPENSEARCH_JAVA_HOME": str(java),
                "OPENSEARCH_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
                "OPENSEARCH_PATH_CONF": str(config),
                "OPENSEARCH_TMPDIR": str(self.folder / "tmp"),
            },
            stdout=log,
            stderr=log,
            user=user,
            start_new_session=True,
        )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=8).is_success:
                    return self.url
            except httpx.HTTPError:
                time.sleep(0.4)
        self.stop()
        raise ServerError(f"OpenSearch did not start; its log is {self.folder / 'opensearch.log'}.")

    def stop(self) -> None:
        """Stop it and wait until it has gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _let_in(folder: Path, user: str) -> None:
    """Give the folder to the user, and let them through the folders above it, as Postgres's wheel does."""
    for path in [folder, *folder.rglob("*")]:
        shutil.chown(path, user)
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
