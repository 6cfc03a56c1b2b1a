"""Photos with GPS positions in their EXIF data, as cameras write them."""

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

TOWNS = {"Paris": (48.8566, 2.3522), "Sydney": (-33.8688, 151.2093), "Lima": (-12.0464, -77.0428)}
COLOURS = ((200, 40, 40), (40, 180, 60), (50, 70, 210))


def gps_tags(latitude, longitude):
    """The tags of EXIF for a position in degrees: degrees, minutes and seconds, without a sign."""
    return {
        ExifTags.GPS.GPSLatitudeRef: "S" if latitude < 0 else "N",
        ExifTags.GPS.GPSLatitude: degrees_minutes_seconds(latitude),
        ExifTags.GPS.GPSLongitudeRef: "W" if longitude < 0 else "E",
        ExifTags.GPS.GPSLongitude: degrees_minutes_seconds(longitude),
    }


def degrees_minutes_seconds(value):
    """The three rationals, the last to a hundredth of a second, which is 30 cm."""
    hundredths = round(abs(value) * 360_000)
    return (
        IFDRational(hundredths // 360_000),
        IFDRational(hundredths // 6000 % 60),
        IFDRational(hundredths % 6000, 100),
    )


def save_photo(path, gps=None, colour=(128, 128, 128), seed=0, size=(64, 48)):
    """A photo of about this colour; gps: the tags of its position, None for a photo without."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(-40, 40, (6, 8, 3))
    image = Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).resize(size)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "a camera"  # Pillow takes EXIF data that hold nothing but a position for none
    if gps is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    image.save(path, exif=exif)


def towns(folder, count, *, spread=0.05, seed=0):
    """`count` photos around each of TOWNS, within about `spread` degrees; those of one town are of one colour."""
    rng = np.random.default_rng(seed)
    for number, (name, place) in enumerate(TOWNS.items()):
        for index in range(count):
            latitude, longitude = np.array(place) + rng.uniform(-spread, spread, 2)
            path = folder / name / f"IMG_{index:04d}.jpg"
            save_photo(path, gps_tags(latitude, longitude), COLOURS[number], seed=1000 * seed + 100 * number + index)
    return folder
