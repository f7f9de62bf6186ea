"""Invented people, as the FHIR their clinic would export. Each is there to teach one thing.

They enter by the same door as a real file and carry a label wherever they are shown.
"""

from inconcert.synthetic.bundle import INVENTED_TAG, clinic, person_bundle
from inconcert.synthetic.files import write_clinic
from inconcert.synthetic.people import PersonSketch, demo_as_of, sketches

__all__ = ["INVENTED_TAG", "PersonSketch", "clinic", "demo_as_of", "person_bundle", "sketches", "write_clinic"]
