"""Every file under a folder: hidden ones never count, and a linked folder is followed once."""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FilesFound", "Visited", "files_under", "folder_identity", "is_hidden", "visited_above"]

# Folders of thumbnails, resource forks and deleted files, which systems hide from their users.
HIDDEN_FOLDERS = frozenset({"__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"})

Visited = set[tuple[int, int]]  # the device and inode of each folder that has been listed


@dataclass(frozen=True)
class FilesFound:
    """The files under a folder, sorted by path.

    links:  links whose target does not exist.
    notes:  a line for each folder that was not listed: it cannot be, or has been already; and for each pipe, socket and
            device, which are no files.
    folders: those that were listed, empty ones too, in no order.
    """

    paths: list[str]
    links: list[str]
    notes: list[str]
    folders: list[str]


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is hidden, as `.cache` and `._photo.jpg` are."""
    return name.startswith(".") or name.lower() in HIDDEN_FOLDERS


def visited_above(folder: str | Path) -> Visited:
    """The folders that `folder` lies in: a link to one of them would begin a loop."""
    return {folder_identity(parent) for parent in Path(folder).resolve().parents}


def files_under(folder: str | Path, visited: Visited | None = None) -> FilesFound:
    """The files under `folder`. A folder that is reached in two ways is listed once, by its own path if it has one.

    visited: the folders that are not to be listed again, to which this adds; None for those that `folder` lies in.
    """
    visited = visited_above(folder) if visited is None else visited
    found = FilesFound([], [], [], [])
    pending = [str(folder)]
    linked: list[str] = []
    while pending or linked:
        current = pending.pop() if pending else linked.pop(0)
        try:
            identity = folder_identity(current)
            if identity in visited:
                found.notes.append(f"{current}: a link to a folder that is read already")
                continue
            visited.add(identity)
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            found.notes.append(f"{current}: {error.strerror}")
            continue
        found.folders.append(current)
        for entry in entries:
            if is_hidden(entry.name):
                continue
            if os.path.isdir(entry.path):
                (linked if entry.is_symlink() else pending).append(entry.path)
            elif os.path.isfile(entry.path):
                found.paths.append(entry.path)
            elif entry.is_symlink() and not os.path.exists(entry.path):
                found.links.append(entry.path)
            else:
                found.notes.append(f"{entry.path}: it is no regular file")
    return FilesFound(sorted(found.paths), sorted(found.links), found.notes, found.folders)


def folder_identity(folder: str | Path) -> tuple[int, int]:
    """What tells a folder apart from every other, however it is reached."""
    status = os.stat(folder)
    return status.st_dev, status.st_ino
