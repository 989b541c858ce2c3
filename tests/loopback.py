"""An OpenAI-compatible endpoint on this machine that answers as a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, bytes | Iterable[bytes]] | tuple[int, bytes | Iterable[bytes], dict[str, str]]
"""Status, body or its pieces, further headers."""
Behaviour = Callable[[dict[str, Any], dict[str, str]], Reply]
"""The request's JSON and headers -> status and body."""


@dataclass
class Loopback:
    """What it was asked, and where."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    models: tuple[str, ...] = ("m",)
    """What it says it has."""


def says(words: str | None, refusal: str | None = None, finish: str = "stop") -> Reply:
    """A chat completion."""
    message = {"role": "assistant", "content": words, "refusal": refusal}
    body = {
        "id": "1", "object": "chat.completion", "created": 0, "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
    }  # fmt: skip
    return 200, json.dumps(body).encode()


def fails(status: int, words: str) -> Reply:
    """An error as such endpoints report it."""
    return status, json.dumps({"error": {"message": words, "type": "x", "code": None}}).encode()


def dawdles(seconds: float) -> Reply:
    """Too late for anyone who waits less."""
    time.sleep(seconds)
    return says("A")


@contextmanager
def serving(behave: Behaviour) -> Generator[Loopback]:
    """The endpoint, while it is needed."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            loopback.requests.append(asked)
            loopback.headers.append(headers)
            self.answer(*behave(asked, headers))

        def do_GET(self) -> None:
            listed = [{"id": name, "object": "model"} for name in loopback.models]
            self.answer(200, json.dumps({"object": "list", "data": listed}).encode())

        def answer(
            self, status: int, body: bytes | Iterable[bytes], more: dict[str, str] | None = None
        ) -> None:
            pieces = [body] if isinstance(body, bytes) else body
            length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {}
            try:
                self.send_response(status)
                for name, value in {
                    "Content-Type": "application/json",
                    **length,
                    **(more or {}),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                pass  # Whoever asked waits no longer: what a test of timeouts is about.

        def log_message(self, *_: object) -> None:
            """Not into the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    loopback = Loopback(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
