"""Send a publication to the Hub: the models, then the Space, then its files in one commit."""

from contextlib import suppress

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    SpaceHardware,
    get_token,
)
from huggingface_hub.errors import RepositoryNotFoundError

from searcher.errors import PublishFailed
from searcher.publishing.publish_refusals import publish_errors
from searcher.publishing.space import Plan, Publication
from searcher.publishing.space_files import README, Content

OURS = "searcher/serve.py"  # a Space with this file is one of Twinlens
EMPTY = {".gitattributes", README}  # what a Space has from its creation
TIMEOUT_S = 10.0
MESSAGE = "Publish Twinlens"
CARD = """---
library_name: onnx
tags: [image-search, embeddings]
---

Models of [Twinlens](https://huggingface.co/spaces/{space}). The weights have licences of their own,
which each file names.
"""


def publish(publication: Publication) -> str:
    """Create or update the Space, and return the address of its commit.

    What the Space has beyond the publication is deleted. Data in stores are never sent.

    Raises:
        PublishFailed: The Hub refuses or can't be reached, nobody is logged in, or the Space has
            another app.
    """
    plan = publication.plan
    api = HfApi()
    present = _present(api, plan)
    if publication.models:
        with publish_errors(plan.model_repository):
            _send_models(api, publication)
    if plan.bucket:
        with publish_errors(plan.bucket):
            api.create_bucket(plan.bucket, private=True, exist_ok=True)
    with publish_errors(plan.space, plan.hardware):
        if present is None:
            _create(api, plan)
            present = _files(api, plan.space) or set()
        else:
            _update(api, plan)
        surplus = _surplus(present, publication)
        commit = api.create_commit(
            plan.space,
            [*_additions(publication.content), *map(CommitOperationDelete, surplus)],
            commit_message=MESSAGE,
            repo_type="space",
        )
    return commit.commit_url


def deletions(publication: Publication) -> list[str]:
    """Return the names of the files that the Space has, and that publishing would delete.

    Raises:
        PublishFailed: As `publish` does.
    """
    return _surplus(_present(HfApi(), publication.plan) or set(), publication)


def _surplus(present: set[str], publication: Publication) -> list[str]:
    return sorted(present - publication.content.keys())


def _present(api: HfApi, plan: Plan) -> set[str] | None:
    """Return the names of the Space's files; None if there is no such Space."""
    if get_token() is None:
        raise PublishFailed("publish.no_token")
    with publish_errors(plan.space, plan.hardware):
        present = _files(api, plan.space)
        if present and OURS not in present and not present <= EMPTY and not plan.replace:
            raise PublishFailed("publish.name_taken", name=plan.space)
    return present


def _files(api: HfApi, space: str) -> set[str] | None:
    """Return the names of a Space's files; None if there is no such Space."""
    with suppress(RepositoryNotFoundError):
        # Not by list_repo_files, which tries for half a minute where there is no network.
        info = api.space_info(space, timeout=TIMEOUT_S)
        return {sibling.rfilename for sibling in info.siblings or ()}
    return None


def _create(api: HfApi, plan: Plan) -> None:
    # All at once: a free account may not even create a Space of other hardware.
    api.create_repo(
        plan.space,
        repo_type="space",
        space_sdk="gradio",
        space_hardware=SpaceHardware(plan.hardware),
        space_variables=[{"key": key, "value": value} for key, value in plan.variables.items()],
        space_volumes=plan.volumes or None,
        private=plan.private,
    )


def _update(api: HfApi, plan: Plan) -> None:
    """Give a Space the plan's settings; others that it has stay."""
    for key, value in plan.variables.items():
        api.add_space_variable(plan.space, key, value)
    if plan.volumes:
        api.set_space_volumes(plan.space, plan.volumes)
    if api.get_space_runtime(plan.space).requested_hardware != plan.hardware:
        api.request_space_hardware(plan.space, SpaceHardware(plan.hardware))


def _send_models(api: HfApi, publication: Publication) -> None:
    plan = publication.plan
    api.create_repo(plan.model_repository, repo_type="model", private=plan.private, exist_ok=True)
    card = CARD.format(space=plan.space).encode()
    content: Content = {README: card, **publication.models}
    api.create_commit(plan.model_repository, _additions(content), commit_message=MESSAGE)


def _additions(content: Content) -> list[CommitOperationAdd]:
    return [CommitOperationAdd(name, data) for name, data in content.items()]
