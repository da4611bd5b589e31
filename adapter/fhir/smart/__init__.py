"""SMART Backend Services: an access token for a signed statement of who we are, renewed before it runs out.

access_token -> token_endpoint -> client_keys, smart_scopes
"""

from adapter.fhir.smart.access_token import SmartAuth
from adapter.fhir.smart.client_keys import ClientKey, key_set, load_keys, with_new_key
from adapter.fhir.smart.smart_scopes import ScopeStyle, ScopeWish
from adapter.fhir.smart.token_endpoint import ClientLogin

__all__ = [
    "ClientKey",
    "ClientLogin",
    "ScopeStyle",
    "ScopeWish",
    "SmartAuth",
    "key_set",
    "load_keys",
    "with_new_key",
]
