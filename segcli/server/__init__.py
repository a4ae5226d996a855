"""The Customer Segments resource over HTTP, on any backend: `segments serve`.

A request passes through http_server (socket, TLS, signals), connection (HTTP, timeouts), app (access
checks), request_reader and calls (parameters and body as values), workers (threads, each with a backend)
and responses (JSON); access_log writes a line for it. routes lists the operations.
"""
