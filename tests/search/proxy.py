"""A real HTTP server before a real OpenSearch, which passes questions on, or answers like an engine in trouble."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

BUSY = {"type": "opensearch_rejected_execution_exception", "reason": "rejected by the test's proxy"}


class Proxy:
    """`trouble` says what it does: nothing (""); "503" to everything; "429" to bulks and searches, as an engine whose
    queues are full; or "half": it lets only those documents of a bulk through whose id is odd, and says of the others
    that the engine is too busy for them.
    """

    def __init__(self, target: str) -> None:
        self.trouble = ""
        self.refused = 0
        self.engine = httpx.Client(base_url=target, timeout=60)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.engine.close()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        is_queued = "/_bulk" in path or "/_search" in path
        if self.trouble == "503" or (self.trouble == "429" and is_queued):
            self.refused += 1
            error = {"error": {**BUSY, "root_cause": [BUSY]}, "status": int(self.trouble)}
            return int(self.trouble), json.dumps(error).encode()
        if self.trouble == "half" and "/_bulk" in path:
            return self._half(method, path, body)
        return self._passed_on(method, path, body)

    def _passed_on(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        kind = "application/x-ndjson" if "_bulk" in path else "application/json"
        answer = self.engine.request(method, path, content=body, headers={"Content-Type": kind})
        return answer.status_code, answer.content

    def _half(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        through: list[bytes] = []
        order: list[tuple[str, str, bool]] = []
        lines = iter(body.splitlines())
        for line in lines:
            ((action, about),) = json.loads(line).items()
            is_let_through = int(about["_id"]) % 2 == 1
            order.append((action, about["_id"], is_let_through))
            whole = [line] if action == "delete" else [line, next(lines)]
            through += whole if is_let_through else []
        landed: list[dict[str, Any]] = []
        if through:
            status, said = self._passed_on(method, path, b"\n".join(through) + b"\n")
            if status != 200:
                return status, said
            landed = json.loads(said)["items"]
        real = iter(landed)
        items = [
            next(real) if is_through else {action: {"_id": pk, "status": 429, "error": BUSY}}
            for action, pk, is_through in order
        ]
        self.refused += len(items) - len(landed)
        return 200, json.dumps({"took": 1, "errors": True, "items": items}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                status, said = proxy.answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(said)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _do

            def log_message(self, *words: object) -> None:
                """Nothing: pytest's output is not for it."""

        return Handler
