"""Messages about publishing on the Hugging Face Hub, and about what outlives restarts there."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "publish.no_checkout": (
        "What is published is a checkout of Twinlens with git: clone the repository, and run "
        "publish there."
    ),
    "publish.no_model": (
        "There is no model {name}: `twinlens models` lists them, `twinlens export` and "
        "`twinlens adopt` make some."
    ),
    "publish.name": "{name} does not name a repository of the Hub: write OWNER/NAME.",
    "publish.hardware": "The Hub has no hardware {name}: choose {choices}, or leave it out.",
    "publish.no_token": (
        "Nobody is logged in: run `hf auth login`, or set HF_TOKEN to an access token that may "
        "write."
    ),
    "publish.token": (
        "The Hub does not accept the access token: run `hf auth login` again, or check HF_TOKEN."
    ),
    "publish.forbidden": (
        "The access token may not write to what belongs to {owner}: use a token that may write, "
        "or publish under your own name."
    ),
    "publish.needs_pro": (
        "The Hub takes {hardware} from PRO accounts only: leave --hardware out for ZeroGPU, which "
        "free accounts may use."
    ),
    "publish.no_more_spaces": (
        "The Hub lets {owner} have no further Space of ZeroGPU: a free account needs a confirmed "
        "e-mail address and an age of 30 days, and may have two. Delete one, or publish over it."
    ),
    "publish.name_taken": (
        "{name} exists already, with something else than Twinlens: choose another name, or give "
        "--replace to delete what it has."
    ),
    "publish.unreachable": (
        "The Hub does not answer at {url}: check the network and HF_ENDPOINT. Nothing is lost; "
        "run publish again."
    ),
    "kept.votes": (
        "{name} in KEPT_DIR is damaged, so no votes are kept: repair it, or move it away."
    ),
    "publish.refused": "The Hub refuses with status {status:d}: {reason}",
}
