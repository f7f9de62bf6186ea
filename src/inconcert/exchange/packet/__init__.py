"""The authorization packet: one set of facts, told as a letter, a checklist, tables and pictures, in one PDF.

    facts = packet_facts(person, PacketRequest(services=("rtms",), as_of=day), resources=plain_references(reading.raw))
    packet_pdf(facts)    # bytes of one PDF
    packet_text(facts)   # for portals
    packet_json(facts)   # schema: packet_schema()
    clinic_sheet(facts)  # for the clinic only, never to be sent

Every sentence knows the rows of the chart it rests on (`types.Sentence`); what may not leave is taken out before anything
is judged (`exchange.disclosure`).
"""

from inconcert.exchange.packet.build import packet_facts
from inconcert.exchange.packet.denial import read_denial
from inconcert.exchange.packet.forms import clinic_sheet, packet_json, packet_schema, packet_text
from inconcert.exchange.packet.pdf import packet_pdf
from inconcert.exchange.packet.types import Denial, PacketFacts, PacketRequest, Sentence

__all__ = [
    "Denial",
    "PacketFacts",
    "PacketRequest",
    "Sentence",
    "clinic_sheet",
    "packet_facts",
    "packet_json",
    "packet_pdf",
    "packet_schema",
    "packet_text",
    "read_denial",
]
