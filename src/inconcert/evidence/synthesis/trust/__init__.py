"""How far a pooled number may be trusted: small studies, what may be missing, and certainty by stated rules."""
