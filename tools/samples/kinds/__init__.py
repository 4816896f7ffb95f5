"""One module a kind of picture: SHOTS, and build() for the scene of one."""
