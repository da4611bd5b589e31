"""One HTTP process: health, our public keys, the assessment of a record that is handed over, and CDS Hooks.

http_process -> http_routes -> hint_receiver, notification, admission, health
                            -> cds_routes -> cds_clients, cds_services -> cds_request
api_description         all of it in the words of OpenAPI
subscriptions           that the server sends its hints here
"""

from workers.server.http_process import serve_forever

__all__ = ["serve_forever"]
