"""Requests as bytes on a connection."""

import socket


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def ask(port: int, request: str) -> str:
    with connect(port) as connection:
        connection.sendall(request.encode("latin-1"))
        return rest(connection)


def rest(connection: socket.socket) -> str:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received.decode("latin-1")


def get(path: str, host: str = "localhost", *headers: str) -> str:
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", "")
    return "\r\n".join(lines)
