"""One file an audience: each view asks a doorway, notes the view in the access log, and shows a page."""
