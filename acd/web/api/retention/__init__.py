"""How long a call's recordings are kept: shown, given a class, held, released."""
