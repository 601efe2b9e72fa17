"""Sockets only: no models, no rules. A socket carries a nudge; the page fetches what changed over HTTP."""
