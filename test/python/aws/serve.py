"""moto behind one port, as S3 behaves where moto does not: a conditional write is one step."""

import io
import logging
import threading


class AtomicWrites:
    """moto compares an ETag and writes in two steps, so two threads both pass; S3 lets one of them."""

    def __init__(self, moto) -> None:
        self._moto, self._lock = moto, threading.Lock()

    def __call__(self, environ, start_response):
        if not {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"} & environ.keys() or environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return self._moto(environ, start_response)
        read_body(environ)
        with self._lock:
            # The whole answer within the lock: the application may do its work while it is read.
            return [b"".join(self._moto(environ, start_response))]


def read_body(environ) -> bytes:
    """The body, put back for who comes next."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def serve(wrap=lambda application: application):
    """Serves moto, wrapped, on a free port in threads of its own; the wrapped application and the port."""
    from moto.moto_server.threaded_moto_server import MotoRequestHandler
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = wrap(AtomicWrites(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return application, server.server_port
