"""Da Vinci CRD as a CDS Hooks 2.0 service: what a payer's published policy says of an order, before it is signed.

`discovery()` is what the service says of itself, `parse(body, hook)` reads a call and `respond(request, today, ...)` answers
it. Prefetch only: nothing here opens a connection. `tokens` checks who is calling.
"""

from inconcert.exchange.crd.answer import respond
from inconcert.exchange.crd.discovery import discovery, hook_of, service_id
from inconcert.exchange.crd.request import BadRequest, HookRequest, parse
from inconcert.exchange.crd.versions import CrdVersion

__all__ = ["BadRequest", "CrdVersion", "HookRequest", "discovery", "hook_of", "parse", "respond", "service_id"]
