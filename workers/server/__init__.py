"""One HTTP process: health, our public keys, and the assessment of a record that is handed over.

http_process -> http_routes -> hint_receiver, notification, admission, health
"""

from workers.server.http_process import serve_forever

__all__ = ["serve_forever"]
