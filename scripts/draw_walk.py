#!/usr/bin/env python3
"""Draw the pictures of docs/tutorials/refusal-to-approval.md: pages of real packets of an invented person, as small PNGs.

    python scripts/draw_walk.py [FOLDER]        (default docs/_static/walk; needs pdftoppm of poppler-utils, and Pillow)

The packets are made as the page's commands make them; run it again whenever the packet's form changes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from PIL import Image, ImageChops, ImageOps

from inconcert.exchange.clinic import read_clinic
from inconcert.exchange.fhir import read_bytes
from inconcert.exchange.packet import Denial, PacketRequest, packet_facts, packet_pdf
from inconcert.synthetic import clinic

ROOT = Path(__file__).resolve().parents[1]
PERSON = "refused-then-approved"
SETTINGS = ROOT / "docs/how-to/clinic-settings-example.yaml"
REFUSED = Denial(
    criterion="adequate_antidepressant_trials",
    reason="The information submitted does not show two adequate antidepressant trials.",
    on=date(2026, 11, 20),
    reference="INVENTED-0042",
)
AUGUST, NOVEMBER, AFTER = date(2026, 8, 14), date(2026, 11, 16), date(2026, 11, 23)
# name of the picture: (day, appeal of this, page)
PAGES = {
    "1-refused": (AUGUST, None, 1),
    "2-approved": (NOVEMBER, None, 1),
    "3-letter": (NOVEMBER, None, 2),
    "4-trials-and-scores": (NOVEMBER, None, 3),
    "5-appeal": (AFTER, REFUSED, 2),
}
DPI, GREYS = 80, 16
WATERMARK = 225  # greys lighter than this are the mark across the page, not content


def main() -> None:
    """Make each packet once and draw the pages that the tutorial shows."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/_static/walk"
    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("pdftoppm")
    if program is None:
        raise SystemExit("pdftoppm is not installed. Mend: apt install poppler-utils")
    with tempfile.TemporaryDirectory() as work:
        for name, (day, denial, page) in PAGES.items():
            pdf = Path(work) / "packet.pdf"
            pdf.write_bytes(made(day, denial))
            command = [
                program,
                "-r",
                str(DPI),
                "-f",
                str(page),
                "-l",
                str(page),
                "-singlefile",
                "-png",
                str(pdf),
                str(pdf),
            ]
            subprocess.run(command, check=True, timeout=60)
            picture = framed(Image.open(f"{pdf}.png").convert("L")).quantize(GREYS)
            picture.save(folder / f"{name}.png", optimize=True)
            sys.stderr.write(f"{folder / name}.png {(folder / f'{name}.png').stat().st_size // 1024} KiB\n")


def framed(page: Image.Image) -> Image.Image:
    """A page without the empty rest above its foot, in a thin frame."""
    foot = int(page.height * 0.94)
    content = ImageChops.invert(
        page.crop((0, 0, page.width, foot)).point(lambda grey: 255 if grey > WATERMARK else grey)
    )
    box = content.getbbox() or (0, 0, page.width, foot)
    cut = page.crop((0, 0, page.width, min(foot, box[3] + 24)))
    return ImageOps.expand(cut, border=1, fill=160)


def made(day: date, denial: Denial | None) -> bytes:
    """The packet as `inconcert packet` prints it for that day."""
    reading = read_bytes(json.dumps(clinic()[PERSON]).encode(), PERSON, as_of=day)
    request = PacketRequest(
        services=("rtms",),
        as_of=day,
        policies=("optum-uhc-tms",),
        kind="appeal" if denial else "necessity",
        denial=denial,
        clinic=read_clinic(SETTINGS),
        member_id="INVENTED-1",
    )
    return packet_pdf(packet_facts(reading.people[0], request, resources=[raw.data for raw in reading.raw]))


if __name__ == "__main__":
    main()
