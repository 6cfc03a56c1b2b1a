"""Result files -> groups of results that can be compared: one device each, and a different label for every result."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import ResultError
from mobilenet_tf.terminal import shortened_list

from .records import RESULT_SUFFIX, Result
from .score import score_of

__all__ = ["Group", "group_results", "notes_of", "read_results", "result_files", "with_names"]

# Suffixes of files that are given by mistake.
OTHER_FILES = {".tflite": "a model", ".html": "a page", ".keras": "a model", ".csv": "a table"}

MOST_NAMES = 6  # that a footnote lists

# What distinguishes two results of one name, in the order in which it is tried.
_DIFFERENCES: tuple[Callable[[Result], str], ...] = (
    lambda r: f"{r.threads} thread{'' if r.threads == 1 else 's'}",
    lambda r: r.accelerator,
    lambda r: r.backend,
    lambda r: r.environment.time,
)


@dataclass(frozen=True)
class Group:
    """Results of one device.

    labels: one for each result, all different: its name, and if names repeat, what differs.
    prefix: what all labels begin with.
    notes:  why some of the results cannot be compared, and the remarks on their accuracies.
    footnotes: the doubts and notes of the measurements themselves, each once; the number of the first is 1.
    """

    title: str
    results: list[Result]
    labels: list[str]
    prefix: str
    notes: list[str]
    footnotes: list[str]

    @property
    def short_labels(self) -> list[str]:
        """The labels without the prefix, for charts."""
        return [label.removeprefix(self.prefix) for label in self.labels]

    def footnote_numbers(self, result: Result) -> list[int]:
        """The numbers of the footnotes of one of the results, to stand beside its figures."""
        return [number for number, text in enumerate(self.footnotes, 1) if text in notes_of(result)]

    def doubt_numbers(self, result: Result) -> list[int]:
        """Those of its footnotes that are doubts about its accuracy."""
        doubts = result.accuracy.doubts if result.accuracy else []
        return [number for number, text in enumerate(self.footnotes, 1) if text in doubts]

    def other_numbers(self, result: Result) -> list[int]:
        """Those of its footnotes that are not doubts about its accuracy."""
        doubts = self.doubt_numbers(result)
        return [number for number in self.footnote_numbers(result) if number not in doubts]

    def footnote_models(self, text: str) -> str:
        """The labels of the results that a footnote is about, as text."""
        labels = [label for label, result in zip(self.labels, self.results, strict=True) if text in notes_of(result)]
        if len(labels) == len(self.labels) > 1:
            return "all models"
        return shortened_list(labels, MOST_NAMES)


def read_results(paths: Iterable[Path]) -> list[Result]:
    """The results in files, and in every *.result.json under folders; each file once. Raises ResultError."""
    files: dict[Path, Path] = {}
    for path in paths:
        results = result_files(path) if path.is_dir() else [path]
        problem = _problem(path, results)
        if problem is not None:
            raise ResultError(
                f"expected *{RESULT_SUFFIX} files, or a folder of them; {problem}.\n"
                "Measure with mobilenet-benchmark first, or name the folder that it wrote (build/results)."
            )
        files |= {file.resolve(): file for file in results}
    return [Result.read(file) for file in files.values()]


def notes_of(result: Result) -> list[str]:
    """The doubts about a result's accuracy first, then its other notes; each once."""
    doubts = result.accuracy.doubts if result.accuracy else []
    return list(dict.fromkeys([*doubts, *result.notes]))


def _problem(path: Path, results: Sequence[Path]) -> str | None:
    """Why there are no results at `path`, as far as its name tells; None if there may be some."""
    if not path.exists():
        return f"{path} does not exist"
    if not results:
        return f"there are none under {path}"
    if path.suffix in OTHER_FILES:
        return f"{path} is {OTHER_FILES[path.suffix]}"
    other_name = path.suffix == ".json" and not path.name.endswith(RESULT_SUFFIX)
    if other_name and path.is_file() and b'"latency_ms"' not in path.read_bytes():
        return f"{path} is another JSON file"
    return None


def result_files(folder: Path) -> list[Path]:
    """Every *.result.json under a folder, by path."""
    # The name of a file that is being written begins with a dot; reading a pipe might never end.
    files = (file for file in folder.rglob(f"*{RESULT_SUFFIX}") if file.is_file())
    return sorted(file for file in files if not file.name.startswith("."))


def group_results(results: Sequence[Result]) -> list[Group]:
    """One group for each target and device, in the order in which they first come; results by name inside."""
    groups: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        device = result.environment
        groups.setdefault((result.target, device.device, device.cpu, device.os), []).append(result)
    return [_group(members) for members in groups.values()]


def _group(members: list[Result]) -> Group:
    members = sorted(members, key=lambda r: (r.name, r.threads, r.accelerator, r.backend, r.environment.time))
    environment = members[0].environment
    target = "" if members[0].target == "host" else f", {members[0].target}"
    labels = _labels(members)
    title = f"{environment.device} ({environment.cpu}{target})"
    footnotes = list(dict.fromkeys(note for member in members for note in notes_of(member)))
    return Group(title, members, labels, _prefix(labels), _notes(members), footnotes)


def _labels(results: Sequence[Result]) -> list[str]:
    """The names; those that repeat, with what else differs, or with a number if nothing does."""
    labels = [result.name for result in results]
    for difference in _DIFFERENCES:
        counts = Counter(labels)
        extra = [difference(result) for result in results]
        for label in [label for label, count in counts.items() if count > 1]:
            places = [place for place, other in enumerate(labels) if other == label]
            if len({extra[place] for place in places}) > 1:
                for place in places:
                    labels[place] = f"{label}, {extra[place]}"
    unique: list[str] = []
    for label in labels:
        numbered = (f"{label} #{number}" for number in itertools.count(2))
        unique.append(next(text for text in itertools.chain([label], numbered) if text not in unique))
    return unique


def _prefix(labels: Sequence[str]) -> str:
    """What all labels begin with, up to an underscore, so that it need not stand beside every bar of a chart."""
    if len(labels) < 2:
        return ""
    first = labels[0]
    cuts = [place + 1 for place, letter in enumerate(first) if letter == "_"]
    shared = [cut for cut in cuts if all(label[:cut] == first[:cut] and len(label) > cut for label in labels)]
    return first[: max(shared, default=0)]


def _notes(results: Sequence[Result]) -> list[str]:
    notes = []
    if len({result.preprocessing_sha256 for result in results}) > 1:
        notes.append("Not all were measured with the same preprocessing rule: their accuracies cannot be compared.")
    sets = {score.images_sha256: score.folder for score in map(score_of, results) if score}
    if len(sets) > 1:
        notes.append(
            f"Accuracy was not measured on the same photos ({', '.join(sets.values())}): it cannot be compared."
        )
    if len(set(sets.values())) < len(sets):
        notes.append("The photos of one folder, or the classes that they count as, differ between measurements.")
    notes += _remarks(results)
    unmeasured = sum(score_of(result) is None for result in results)
    if 0 < unmeasured < len(results):
        notes.append(f"Accuracy was not measured for {unmeasured} of {len(results)}.")
    for field in ("governor", "versions"):
        values = {json.dumps(getattr(result.environment, field), sort_keys=True) for result in results}
        if len(values) > 1:
            notes.append(f"The environment's {field} changed between measurements: see Environment.")
    return notes


def _remarks(results: Sequence[Result]) -> list[str]:
    """The remarks on accuracies, each once, with the names of the models if not all have it."""
    named: dict[str, list[Result]] = {}
    for result in results:
        for remark in result.accuracy.remarks if result.accuracy else []:
            named.setdefault(remark, []).append(result)
    measured = [result for result in results if result.accuracy is not None]
    return [with_names(remark, concerned, measured) for remark, concerned in named.items()]


def with_names(text: str, concerned: Sequence[Result], all_results: Sequence[Result]) -> str:
    """`text`, after the names of the models that it concerns if that is not all of them."""
    if len(concerned) == len(all_results):
        return text
    return f"{', '.join(dict.fromkeys(result.name for result in concerned))}: {text}"
