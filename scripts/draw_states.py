"""Draw the states of an authorization for the documentation, from the table of moves in the code.

python scripts/draw_states.py
"""

from __future__ import annotations

from pathlib import Path

from inconcert.payers.authorization.diagram import state_diagram

TARGET = Path(__file__).resolve().parents[1] / "docs/_static/authorization-states.svg"

if __name__ == "__main__":
    TARGET.write_text(state_diagram(), encoding="utf-8")
