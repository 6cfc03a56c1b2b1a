"""What mobilenet-train prints of a run that is finished."""

import json
import shlex
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table, wrapped

from .detection.summary import detection_sentences
from .options import DETECTION, TAGS
from .page import PAGE_FILE
from .places.settings import PLACES
from .places.summary import place_sentences, places_as_json
from .summary import kept_model_sentences, worse_after_unfreezing
from .tags.summary import answers_in, tag_sentences, tag_table, tags_as_json

__all__ = ["result_as_json", "result_as_text"]

SHOWN = 10  # epochs, the last ones


def _page(job: Any) -> Path | None:
    """The page of the run, if it could be written."""
    page: Path = job.folder / PAGE_FILE
    return page if page.is_file() else None


def result_as_json(job: Any, result: Any) -> str:
    """One JSON document."""
    page, kept = _page(job), result.kept
    if job.options.task == DETECTION:
        scores = {"task": DETECTION, "ap": kept.ap, "ap50": kept.ap50, "ap_is_best_of_epochs": kept.among}
    elif job.options.task == TAGS:
        scores = {
            "task": TAGS,
            "mean_ap": kept.mean_ap,
            "mean_ap_is_best_of_epochs": kept.among,
            "tags": tags_as_json(job.data.classes, answers_in(job.folder) if job.writes else None),
        }
    else:
        scores = {
            "top1": result.top1,
            "balanced_accuracy": kept.balanced_accuracy,
            "top1_is_best_of_epochs": kept.among,
        }
        if job.options.task == PLACES:
            scores |= places_as_json(result.history[kept.epoch - 1])
    content = {
        "name": job.spec.name,
        "best": str(result.best) if job.writes else None,
        "page": str(page) if job.writes and page else None,
        **scores,
        "kept_epoch": kept.epoch,
        "validation_photos": len(job.data.validation),
        "epochs": len(result.history),
        "images_per_s": sum(epoch.images_per_s for epoch in result.history) / len(result.history),
    }
    return json.dumps(content, indent=2)


def result_as_text(job: Any, result: Any) -> str:
    """A table of the last epochs, sentences on what the kept one reached, and what to do next."""
    describe = {DETECTION: _detection, TAGS: _tags}.get(job.options.task, _classification)
    header, rows, legend = describe(job, result)
    page = _page(job)
    written = [f"Written: {job.folder}/", *([f"Open: {page}"] if page else [])]
    written.append(f"Next: mobilenet-export --weights {shlex.quote(str(result.best))}")
    lines = written if job.writes else ["The first worker has the model."]
    answers = answers_in(job.folder) if job.options.task == TAGS and job.writes else None
    by_tag = [] if answers is None else [tag_table(job.data.classes, answers), ""]
    return "\n".join([table(header, rows), "", *by_tag, *map(wrapped, legend), *lines])


def _classification(job: Any, result: Any) -> tuple[list[str], list[list[str]], list[str]]:
    header = ["epoch", "loss", "top-1 training", "top-1", "images/s"]
    rows = [
        [str(e.epoch), f"{e.loss:.3f}", f"{e.top1_train:.1%}", f"{e.top1:.1%}", f"{e.images_per_s:.0f}"]
        for e in result.history[-SHOWN:]
    ]
    photos = len(job.data.validation)
    legend = kept_model_sentences(result.kept, photos, averaged=job.config.ema > 0)
    if job.options.task == PLACES:
        legend += place_sentences(result.history[result.kept.epoch - 1])
    worse = worse_after_unfreezing(result.history, job.config, photos, len(job.data.classes))
    return header, rows, legend + ([worse] if worse else [])


def _tags(job: Any, result: Any) -> tuple[list[str], list[list[str]], list[str]]:
    header = ["epoch", "loss", "validation loss", "mean AP", "images/s"]
    rows = [
        [str(e.epoch), f"{e.loss:.3f}", f"{e.validation_loss:.3f}", f"{e.mean_ap:.1%}", f"{e.images_per_s:.0f}"]
        for e in result.history[-SHOWN:]
    ]
    answers = answers_in(job.folder) if job.writes else None
    return header, rows, tag_sentences(result.kept, answers, len(job.data.validation), averaged=job.config.ema > 0)


def _detection(job: Any, result: Any) -> tuple[list[str], list[list[str]], list[str]]:
    header = ["epoch", "loss", "of the boxes", "AP", "AP50", "AR", "images/s"]
    validated = [epoch for epoch in result.history if epoch.ap is not None]
    rows = [
        [
            *(str(e.epoch), f"{e.loss:.3f}", f"{e.box_loss:.3f}", f"{e.ap:.1%}", f"{e.ap50:.1%}", f"{e.ar:.1%}"),
            f"{e.images_per_s:.0f}",
        ]
        for e in validated[-SHOWN:]
    ]
    return header, rows, detection_sentences(result.kept, len(job.data.validation), averaged=job.config.ema > 0)
