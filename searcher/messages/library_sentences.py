"""Messages about the library: its work, `doctor`, evaluation, arena."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "library.read_only": "Nothing can be changed here: this library is read-only.",
    "trash.nothing": "There is nothing in the trash to bring back under this name.",
    "label.nothing": "There is no change of labels to undo under this name.",
    "removal.stays": (
        "{place} is missing, empty or can't be read: {n} picture stays in the library, since a "
        "disk may be not mounted; `remove --path` forgets them.",
        "{place} is missing, empty or can't be read: {n} pictures stay in the library, since a "
        "disk may be not mounted; `remove --path` forgets them.",
    ),
    "backup.not_empty": "The data folder has pictures already: restore into an empty one.",
    "backup.newer": "{name} was made by a newer Twinlens: use that one.",
    "backup.not_whole": "{name} is not a whole backup of Twinlens.",
    "backup.stray_file": "A backup has no file {name}.",
    "migrate.same": "The library is in these stores already: there is nothing to carry.",
    "migrate.foreign": "{store} there has another library: give the address of an empty one.",
    "migrate.exists": (
        "The stores there have this library already, perhaps with newer pictures. With --replace "
        "they get what those in use have, and lose all else of it."
    ),
    "migrate.differs": (
        "{store} there still differs from the one in use: something changes the library. Stop the "
        "app, and run this again."
    ),
    "work.opening": "Opening the library",
    "work.indexing": "Indexing: {done} of {total}",
    "work.indexing_samples": "Indexing the sample pictures: {done} of {total}",
    "work.installing": "Installing {title}: {stage}",
    "work.copying_vectors": "Copying the vectors of {title}: {done} of {total}",
    "work.adding_fields": "Preparing the vectors of {title} for filters: {done} of {total}",
    "job.adding": "Adding pictures",
    "job.adding_dataset": "Adding a data set",
    "job.downloading": "downloading",
    "job.checking_model": "Checking a model",
    "job.indexing": "Indexing",
    "job.indexing_samples": "Indexing the sample pictures",
    "job.installing": "Installing {title}",
    "job.copying_vectors": "Copying the vectors of {title}",
    "job.adding_fields": "Preparing the vectors of {title} for filters",
    "job.evaluating": "Measuring",
    "job.measuring_costs": "Measuring what vectors cost",
    "job.map": "Making the map of {title}",
    "job.backup": "Writing a backup",
    "job.restoring": "Restoring a backup",
    "job.migrating": "Carrying the library to other stores",
    "job.checking": "Checking the library",
    "job.not_found": "No job with the id {job} is running; it may have ended.",
    "job.not_yours": "Another visitor has started this, and only that visitor can stop it.",
    "shards.running": "Indexing in {count} parts: {running} running, {rate} vectors/s",
    "shards.running_of": (
        "Indexing in {count} parts: {percent} % of {total} files, {running} running, "
        "{rate} vectors/s"
    ),
    "shards.silent": (
        "Part {part} of an indexing run on {host} has been silent for {n} minute: run `index "
        "--shard {part}` again to finish it.",
        "Part {part} of an indexing run on {host} has been silent for {n} minutes: run `index "
        "--shard {part}` again to finish it.",
    ),
    "shards.failed": (
        "Part {part} of an indexing run on {host} failed: run `index --shard {part}` again to "
        "finish it."
    ),
    "work.failed": "Background work failed; the log says why. It is tried again.",
    "work.not_embeddable": (
        "{n} picture can't be embedded because the original is gone or damaged; `python -m "
        "searcher doctor` lists them.",
        "{n} pictures can't be embedded because the original is gone or damaged; `python -m "
        "searcher doctor` lists them.",
    ),
    "work.damaged_files": (
        "{n} file in the data folder can't be read as a picture; `python -m searcher doctor "
        "--repair` names it.",
        "{n} files in the data folder can't be read as pictures; `python -m searcher doctor "
        "--repair` names them.",
    ),
    "doctor.problem": "{finding}.",
    "doctor.repaired": "{finding}: {remedy}.",
    "remedy.registered": "registered again",
    "remedy.written": "written",
    "remedy.indexed": "indexed again",
    "remedy.forgotten": "these paths removed",
    "remedy.made": "made again",
    "remedy.deleted": "deleted",
    "remedy.dropped": "dropped",
    "remedy.embedded": "embedded again",
    "remedy.copied_again": "copied again from its file",
    "remedy.copied": "copied into a collection with fields",
    "finding.no_record": (
        "{n} picture had no record",
        "{n} pictures had no record",
    ),
    "finding.no_sidecar": (
        "{n} picture had no sidecar",
        "{n} pictures had no sidecar",
    ),
    "finding.incomplete": (
        "{n} picture lacked vectors or thumbnails",
        "{n} pictures lacked vectors or thumbnails",
    ),
    "finding.damaged_file": "{path} is damaged and has no record",
    "finding.broken_records": (
        "{n} record is missing or incomplete",
        "{n} records are missing or incomplete",
    ),
    "finding.no_thumbnail": (
        "{n} picture has no thumbnail",
        "{n} pictures have no thumbnail",
    ),
    "finding.stale_sidecar": (
        "{n} picture has no sidecar, or one that is out of date",
        "{n} pictures have no sidecar, or one that is out of date",
    ),
    "finding.stale_index": (
        "{n} entry of the index of names and labels is missing or out of date",
        "{n} entries of the index of names and labels are missing or out of date",
    ),
    "finding.unregistered": (
        "{n} picture has files but no record",
        "{n} pictures have files but no record",
    ),
    "finding.thumbnail_only": (
        "{n} picture is known by its thumbnail only; where it lies is not known: index its "
        "folder again",
        "{n} pictures are known by their thumbnail only; where they lie is not known: index "
        "their folder again",
    ),
    "finding.original_gone": "{path}: the original file is gone",
    "finding.other_content": (
        "{n} file has another content than its picture",
        "{n} files have another content than their pictures",
    ),
    "finding.path_gone": (
        "{n} picture has a path whose file was deleted, and others",
        "{n} pictures have paths whose files were deleted, and others",
    ),
    "finding.orphan_vectors": (
        "{model}: {n} vector has no record",
        "{model}: {n} vectors have no record",
    ),
    "finding.no_vector": (
        "{model}: {n} picture has no vector",
        "{model}: {n} pictures have no vector",
    ),
    "finding.without_fields": (
        "{model}: its vectors were stored by an earlier version without fields, so that searches "
        "can't be filtered"
    ),
    "finding.stale_fields": (
        "{model}: {n} vector has fields that differ from its record",
        "{model}: {n} vectors have fields that differ from their records",
    ),
    "finding.pending_fields": (
        "{n} picture was changed by a process that ended before the fields of its vectors were "
        "written",
        "{n} pictures were changed by a process that ended before the fields of their vectors were "
        "written",
    ),
    "finding.orphan_collection": "The collection {name} belongs to no model file",
    "finding.not_unit": (
        "{model}: {n} vector is not of unit length",
        "{model}: {n} vectors are not of unit length",
    ),
    "finding.wrong_vectors": (
        "{model}: {n} vector of {sample} that were looked at is not its picture's",
        "{model}: {n} vectors of {sample} that were looked at are not their pictures'",
    ),
    "finding.unlike_file": (
        "{model}: {n} vector is not that of its file",
        "{model}: {n} vectors are not those of its file",
    ),
    "finding.vectors_not_found": (
        "{model}: {n} vector of {sample} that were looked at is not found",
        "{model}: {n} vectors of {sample} that were looked at are not found",
    ),
    "finding.never_unit": (
        "{model}: it makes no unit vector of {n} picture",
        "{model}: it makes no unit vector of {n} pictures",
    ),
    "evaluation.no_labels": (
        "Nothing can be measured yet: index folders with at least two pictures each, whose "
        "names are the labels."
    ),
    "evaluation.stopped": "The measurement was stopped.",
    "doctor.stopped": "The check was stopped.",
    "evaluation.near_copies": (
        "{n} pair of near-copies has different labels, such as {name} and {other}: each counts as "
        "a wrong hit of the other.",
        "{n} pairs of near-copies have different labels, such as {name} and {other}: each counts "
        "as a wrong hit of the other.",
    ),
    "verdict.best": "{model} is best: {difference:.2f} ± {margin:.2f} over {other} in {measure}.",
    "verdict.tied": "{titles} are tied in {measure}.",
    "verdict.tied_faster": "{titles} are tied in {measure}; {model} is {factor:.1f} times as fast.",
    "verdict.tied_smaller": (
        "{titles} are tied in {measure}; {model} has vectors {factor:.1f} times as short."
    ),
    "verdict.single": "{model} has {mean:.2f} in {measure}.",
    "choice.best": "Choose {model}",
    "choice.faster": (
        "Choose {model}, which is no worse than {other} and {factor:.1f} times as fast"
    ),
    "choice.smaller": (
        "Choose {model}, which is no worse than {other} and has vectors {factor:.1f} times as short"
    ),
    "choice.only": "{advice}.",
    "choice.unless_faster": (
        "{advice}, unless time matters more: {other} is {factor:.1f} times as fast and loses "
        "{loss:.2f}."
    ),
    "choice.unless_smaller": (
        "{advice}, unless memory matters more: the vectors of {other} are {factor:.1f} times as "
        "short, and it loses {loss:.2f}."
    ),
    "arena.too_little": "The arena needs two models and more than {count} pictures in the library.",
    "arena.exhausted": "You have voted on nearly everything there is: add pictures or models.",
    "arena.too_few_words": "The arena needs two models that understand words.",
    "arena.words_exhausted": (
        "You have voted on these words, or the models find the same: try other ones."
    ),
    "arena.picture_exhausted": (
        "You have voted on this picture, or the models find the same: try another one."
    ),
    "arena.too_few_chosen": "Choose two models or more that compete, or none, for all.",
    "arena.nothing_to_undo": "There is no vote of yours from the last day that can be undone.",
    "arena.voted": "You have voted on this one already: take the next one.",
    "arena.closed": "This comparison is no longer open: take the next one.",
}
