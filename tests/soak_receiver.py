"""A receiver of webhooks on loopback that keeps what it was sent, and now and then fails."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

from greenlane.exchange.receive import verify
from greenlane.exchange.signing import VerificationError

_FAILS = 0.01


@dataclass(slots=True)
class Receiver:
    """Keeps the place and consignment of each notice in the order in which they came, repeats and all."""

    seed: int
    keys: list[str] = field(default_factory=list)
    came: list[tuple[int, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def start(self) -> str:
        """Listen, and return the address to register."""
        receiver, lock, random = self, threading.Lock(), Random(self.seed)
        failed: set[str] = set()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                if len(body) < length:  # whoever sent it was killed
                    self.close_connection = True
                    return
                try:
                    notice = verify(dict(self.headers), body, receiver.keys)
                except VerificationError as error:
                    receiver.wrong.append(f"a notice doesn't verify: {error.reason}")
                    self._answer(400)
                    return
                with lock:
                    fails = notice.id not in failed and random.random() < _FAILS
                    if fails:
                        failed.add(notice.id)
                    else:
                        receiver.came.append((notice.cursor, notice.consignment_id))
                self._answer(503 if fails else 204)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *words: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A service that is killed leaves its connections open-ended."""

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def stop(self) -> None:
        """Listen no more."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()


__all__ = ["Receiver"]
