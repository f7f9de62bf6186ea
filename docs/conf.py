"""How the documentation is built: Sphinx with MyST and Furo, no remote assets, reference pages written from the code."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import _generate  # the module beside this file
from sphinx.application import Sphinx

from inconcert import __version__

project = "InConcert"
author = "The InConcert maintainers"
copyright = "The InConcert maintainers, Apache-2.0"
version = release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
# Files such as ARCHITECTURE.md stand at the root and are shown here as well; their links are mended on the way in.
exclude_patterns = ["_build", "_generate.py"]

html_theme = "furo"
html_title = "InConcert"
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}


def setup(app: Sphinx) -> None:
    """Write the reference pages before Sphinx looks for them."""
    app.connect("config-inited", lambda _app, _config: _generate.write_all(Path(__file__).parent))
