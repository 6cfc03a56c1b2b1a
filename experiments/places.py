"""`make bench-places`: the commands of docs/places.md, one after the other, on photos with invented GPS positions.

`python -m experiments.places FLOWERS [--photos N]`: FLOWERS has a sub-folder for each kind. The first N photos of each
kind are written again as if they had been taken around one town, most of them within 12 km: what they show tells the
town and no more. They go into build/places/photos, which is made anew, and one of fifteen has no position.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps
from PIL.TiffImagePlugin import IFDRational

TOWNS = ((52.37, 4.90), (35.68, 139.69), (-1.29, 36.82), (4.71, -74.07), (-36.85, 174.76))
SPREAD = 0.06  # degrees of latitude, a standard deviation: 6.7 km
WITHOUT = 15  # one of so many photos has no position
SIDE = 320  # pixels of the longer side
ROOT = Path("build/places")
BIN = Path(sys.executable).parent


def main() -> None:
    """Write the photos, then run the commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flowers", type=Path, help="a folder with five sub-folders of photos")
    parser.add_argument("--photos", type=int, default=80)
    options = parser.parse_args()
    shutil.rmtree(ROOT, ignore_errors=True)
    write_photos(options.flowers, ROOT / "photos", options.photos)
    os.chdir(ROOT)
    name = "mobilenet_v1_a0.25_r128_photos"
    model = f"build/export/{name}/{name}_int8.tflite"
    for words in (
        "mobilenet-train photos --task places --alpha 0.25 --res 128 --cell-photos 10:60 --epochs 10 --allow-skipped",
        f"mobilenet-export --weights build/train/{name}/best.keras --quant float32,int8 --calibration photos",
        f"mobilenet-benchmark build/export/{name} --images photos --allow-skipped",
        f"mobilenet-classify {model} photos/0_0000.jpg photos/1_0000.jpg photos/4_0001.jpg",
    ):
        print(f"\n$ {words}", flush=True)
        command, *arguments = words.split()
        subprocess.run([str(BIN / command), *arguments], check=True)


def write_photos(flowers: Path, folder: Path, count: int) -> None:
    """The photos with their positions."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for kind, (below, town) in enumerate(zip(sorted(filter(Path.is_dir, flowers.iterdir())), TOWNS, strict=False)):
        for index, path in enumerate(sorted(below.glob("*.jpg"))[:count]):
            place = np.array(town) + rng.normal(0, SPREAD, 2) / (1, np.cos(np.radians(town[0])))
            with Image.open(path) as image:
                photo = ImageOps.exif_transpose(image).convert("RGB")
            photo.thumbnail((SIDE, SIDE))
            exif = Image.Exif()
            exif[ExifTags.Base.Make] = "invented"
            if index % WITHOUT != WITHOUT - 1:
                exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps_tags(*place.tolist()))
            photo.save(folder / f"{kind}_{index:04d}.jpg", exif=exif)


def gps_tags(latitude: float, longitude: float) -> dict[int, object]:
    """The tags of EXIF for a position in degrees."""
    return {
        ExifTags.GPS.GPSLatitudeRef: "S" if latitude < 0 else "N",
        ExifTags.GPS.GPSLatitude: degrees_minutes_seconds(latitude),
        ExifTags.GPS.GPSLongitudeRef: "W" if longitude < 0 else "E",
        ExifTags.GPS.GPSLongitude: degrees_minutes_seconds(longitude),
    }


def degrees_minutes_seconds(value: float) -> tuple[IFDRational, ...]:
    """Three rationals, the last to a hundredth of a second, which is 30 cm."""
    hundredths = round(abs(value) * 360_000)
    return (
        IFDRational(hundredths // 360_000),
        IFDRational(hundredths // 6000 % 60),
        IFDRational(hundredths % 6000, 100),
    )


if __name__ == "__main__":
    main()
