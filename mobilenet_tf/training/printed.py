"""What mobilenet-train prints of a run that is finished."""

import json
import shlex
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table, wrapped

from .page import PAGE_FILE
from .task_job import job_of_task

__all__ = ["result_as_json", "result_as_text"]


def _page(job: Any) -> Path | None:
    """The page of the run, if it could be written."""
    page: Path = job.folder / PAGE_FILE
    return page if page.is_file() else None


def result_as_json(job: Any, result: Any) -> str:
    """One JSON document."""
    page = _page(job)
    content = {
        "name": job.spec.name,
        "best": str(result.best) if job.writes else None,
        "page": str(page) if job.writes and page else None,
        **job_of_task(job.options.task).scores_as_json(job, result),
        "kept_epoch": result.kept.epoch,
        "validation_photos": len(job.data.validation),
        "epochs": len(result.history),
        "images_per_s": sum(epoch.images_per_s for epoch in result.history) / len(result.history),
    }
    return json.dumps(content, indent=2)


def result_as_text(job: Any, result: Any) -> str:
    """A table of the last epochs, sentences on what the kept one reached, and what to do next."""
    shown = job_of_task(job.options.task).printed(job, result)
    page = _page(job)
    written = [f"Written: {job.folder}/", *([f"Open: {page}"] if page else [])]
    written.append(f"Next: {shlex.join(['mobilenet-export', '--weights', str(result.best), *shown.for_export])}")
    lines = written if job.writes else ["The first worker has the model."]
    return "\n".join([table(shown.header, shown.rows), "", *shown.between, *map(wrapped, shown.sentences), *lines])
