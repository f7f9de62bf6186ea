"""Names inside one Bundle: every resource gets a `urn:uuid:` of its own, so that no chart id and no address leaves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from inconcert.exchange.pas.types import Json

_SPACE = uuid.UUID("6a3f0f0e-6a0e-5f0b-9d0c-0f5a1f0a7c11")  # any constant: it keeps our names apart from others'


@dataclass(slots=True)
class BundleNames:
    """The names of one Bundle. The same request made twice has the same names: `seed` is what makes it that request."""

    seed: str
    entries: list[Json] = field(default_factory=list)

    def of(self, key: str) -> str:
        """The id that the chart record or part called `key` has in this Bundle."""
        return str(uuid.uuid5(_SPACE, f"{self.seed}\n{key}"))

    def reference(self, key: str) -> Json:
        """A reference to it."""
        return {"reference": f"urn:uuid:{self.of(key)}"}

    def add(self, key: str, resource: Json) -> Json:
        """Put a resource into the Bundle under the name of `key`; gives back a reference to it."""
        named = {"resourceType": resource["resourceType"], "id": self.of(key)}
        self.entries.append(
            {"fullUrl": f"urn:uuid:{self.of(key)}", "resource": named | resource | {"id": self.of(key)}}
        )
        return self.reference(key)
