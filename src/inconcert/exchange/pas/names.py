"""Names inside one Bundle: every resource gets an id of its own, so that no chart id leaves.

Entries are named `BASE/Type/id` and refer to one another as `Type/id`, as the guide's examples do and as most receivers
expect. The base is the clinic's own where its settings give one; else a name that can never be an address.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from inconcert.exchange.pas.types import Json

_SPACE = uuid.UUID("6a3f0f0e-6a0e-5f0b-9d0c-0f5a1f0a7c11")  # any constant: it keeps our names apart from others'

NO_ADDRESS = "https://clinic.invalid/fhir"  # RFC 2606 keeps `.invalid` for names that are never looked up


@dataclass(slots=True)
class BundleNames:
    """The names of one Bundle. The same request made twice has the same names: `seed` is what makes it that request."""

    seed: str
    base: str = NO_ADDRESS
    entries: list[Json] = field(default_factory=list)

    def of(self, key: str) -> str:
        """The id that the chart record or part called `key` has in this Bundle."""
        return str(uuid.uuid5(_SPACE, f"{self.seed}\n{key}"))

    def reference(self, kind: str, key: str) -> Json:
        """A reference to it, as a resource of this kind."""
        return {"reference": f"{kind}/{self.of(key)}"}

    def add(self, key: str, resource: Json) -> Json:
        """Put a resource into the Bundle under the name of `key`; gives back a reference to it."""
        kind, name = str(resource["resourceType"]), self.of(key)
        self.entries.append(self.entry({"resourceType": kind, "id": name} | resource | {"id": name}))
        return self.reference(kind, key)

    def entry(self, resource: Json) -> Json:
        """A resource with its full name."""
        return {"fullUrl": f"{self.base.rstrip('/')}/{resource['resourceType']}/{resource['id']}", "resource": resource}
