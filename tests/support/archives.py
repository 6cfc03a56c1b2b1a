"""Zip archives at the end of .tflite files."""

import io
import zipfile


def with_archive(model, files, compression=zipfile.ZIP_STORED):
    """A model's bytes with an archive of these files (name -> bytes) at their end."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return model + archive.getvalue()
