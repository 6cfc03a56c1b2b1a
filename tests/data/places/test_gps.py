import io

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from mobilenet_tf.data.places.gps import position_in, position_of
from tests.support.placed_photos import gps_tags, save_photo

GPS = ExifTags.GPS
PARIS, LIMA = (48.8566, 2.3522), (-12.0464, -77.0428)
SECOND = 1 / 3600


def changed(**tags):
    """The tags of Paris, some of them replaced; None takes one away."""
    gps = gps_tags(*PARIS) | {GPS[name]: value for name, value in tags.items()}
    return {tag: value for tag, value in gps.items() if value is not None}


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.parametrize("place", [PARIS, LIMA])
def test_a_position_is_read_as_it_was_written(tmp_path, suffix, place):
    path = tmp_path / f"photo.{suffix}"
    save_photo(path, gps_tags(*place))
    with Image.open(path) as image:
        assert position_of(image) == pytest.approx(place, abs=SECOND / 100)


def test_a_photo_without_has_none(tmp_path):
    save_photo(tmp_path / "photo.jpg")
    with Image.open(tmp_path / "photo.jpg") as image:
        assert position_of(image) is None


@pytest.mark.parametrize(
    ("tags", "latitude"),
    [
        ({"GPSLatitude": (48.5,)}, 48.5),
        ({"GPSLatitude": 48.5}, 48.5),
        ({"GPSLatitude": (48, IFDRational(305, 10))}, 48 + 30.5 / 60),
        ({"GPSLatitude": (48, 30, 60)}, 48 + 31 / 60),
        ({"GPSLatitude": (90, 0, 0)}, 90),
        ({"GPSLatitudeRef": "s\0"}, -PARIS[0]),
        ({"GPSLatitudeRef": b"S"}, -PARIS[0]),
    ],
)
def test_other_ways_to_write_it_are_read(tags, latitude):
    assert position_in(changed(**tags)) == pytest.approx((latitude, PARIS[1]), abs=SECOND / 100)


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"GPSLatitude": (95, 0, 0)}, "its GPSLatitude is impossible: 95 degrees, 0 minutes, 0 seconds"),
        ({"GPSLatitude": (90, 0, 1)}, "its GPSLatitude is impossible: 90 degrees, 0 minutes, 1 seconds"),
        ({"GPSLongitude": (181, 0, 0)}, "its GPSLongitude is impossible: 181 degrees, 0 minutes, 0 seconds"),
        ({"GPSLatitude": (48, 75, 0)}, "its GPSLatitude is impossible: 48 degrees, 75 minutes, 0 seconds"),
        ({"GPSLatitude": (-48, 0, 0)}, "its GPSLatitude is impossible: -48 degrees, 0 minutes, 0 seconds"),
        ({"GPSLatitude": (IFDRational(0, 0),) * 3}, "its GPSLatitude holds no degrees, minutes and seconds"),
        ({"GPSLatitude": "48 N"}, "its GPSLatitude holds no degrees, minutes and seconds"),
        ({"GPSLatitude": (1, 2, 3, 4)}, "its GPSLatitude holds no degrees, minutes and seconds"),
        ({"GPSLatitude": ()}, "its GPSLatitude holds no degrees, minutes and seconds"),
        ({"GPSLatitudeRef": None}, "its EXIF data have no GPSLatitudeRef"),
        ({"GPSLongitude": None}, "its EXIF data have no GPSLongitude"),
        ({"GPSLongitudeRef": "N"}, "its GPSLongitudeRef is 'N', neither E nor W"),
        ({"GPSLongitudeRef": ""}, "its GPSLongitudeRef is '', neither E nor W"),
        (
            {"GPSLatitude": (0, 0, 0), "GPSLongitude": (0, 0, 0)},
            "its position is 0, 0, which cameras write before they have received one",
        ),
    ],
)
def test_what_cannot_be_a_position_is_said(tags, why):
    with pytest.raises(ValueError, match=f"^{why}$"):
        position_in(changed(**tags))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")  # of Pillow
def test_damaged_exif_data_are_no_reason_to_stop():
    """Cut anywhere, EXIF data give a position, none, or a sentence."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps_tags(*PARIS))
    whole = exif.tobytes()
    told = set()
    for length in range(6, len(whole), 7):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, "jpeg", exif=whole[:length])
        with Image.open(file) as image:
            try:
                told.add(position_of(image) is None)
            except ValueError as error:
                told.add(str(error))
    assert told
    assert all(answer in (True, False) or answer.startswith("its ") for answer in told)
