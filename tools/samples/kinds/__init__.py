"""One module a kind: SHOTS, and build(shot), which fills the empty scene."""
