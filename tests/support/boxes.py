"""Small sets of photos with boxes: bright squares and discs on noise, in each form of annotations."""

import json

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("disc", "square")
SIZES = ((96, 64), (64, 96))  # (width, height), in turn


def write_photos(folder, count, seed=0, prefix="p"):
    """Photos p0.png, p1.png, ... -> (name, (width, height), [(class, xmin, ymin, xmax, ymax)]) of each."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    photos = []
    for number in range(count):
        width, height = SIZES[number % 2]
        image = Image.fromarray(rng.integers(60, 120, (height, width, 3), dtype=np.uint8))
        side = int(rng.integers(24, 48))
        x, y = int(rng.integers(0, width - side)), int(rng.integers(0, height - side))
        name = CLASSES[(number // 2) % 2]
        corners = (x, y, x + side, y + side)
        draw = ImageDraw.Draw(image)
        if name == "disc":
            draw.ellipse(corners, fill=(230, 40, 40))
        else:
            draw.rectangle(corners, fill=(40, 60, 240))
        image.save(folder / f"{prefix}{number}.png")
        photos.append((f"{prefix}{number}.png", (width, height), [(name, *corners)]))
    return photos


def voc_xml(name, size, boxes, extra=""):
    """The annotation of one photo. boxes: (class, xmin, ymin, xmax, ymax)."""
    objects = "".join(
        f"<object><name>{label}</name>{extra}<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax>"
        f"<ymax>{y2}</ymax></bndbox></object>"
        for label, x1, y1, x2, y2 in boxes
    )
    width, height = size
    return (
        f"<annotation><filename>{name}</filename><size><width>{width}</width><height>{height}</height>"
        f"<depth>3</depth></size>{objects}</annotation>"
    )


def write_voc(folder, photos):
    """An XML file beside each photo."""
    for name, size, boxes in photos:
        (folder / name).with_suffix(".xml").write_text(voc_xml(name, size, boxes))


def voc_set(folder, count=8, seed=0):
    """A folder with so many photos and their XML files; returns it."""
    write_voc(folder, write_photos(folder, count, seed))
    return folder


def coco_json(photos, first=0, step=1):
    """COCO's content; the ids of categories begin at `first` and go up by `step`."""
    ids = {name: first + step * number for number, name in enumerate(CLASSES)}
    images = [
        {"id": number, "file_name": name, "width": size[0], "height": size[1]}
        for number, (name, size, _) in enumerate(photos)
    ]
    annotations = [
        {"id": 0, "image_id": number, "category_id": ids[label], "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": 0}
        for number, (_, _, boxes) in enumerate(photos)
        for label, x1, y1, x2, y2 in boxes
    ]
    categories = [{"id": number, "name": name} for name, number in ids.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_coco(file, photos, **ids):
    """The JSON file of these photos."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(coco_json(photos, **ids)))


def write_yolo(folder, photos):
    """A text file beside each photo, of lines `class x y width height` in shares."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height), boxes in photos:
        lines = [
            f"{CLASSES.index(label)} {(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f} "
            f"{(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}"
            for label, x1, y1, x2, y2 in boxes
        ]
        (folder / name).with_suffix(".txt").write_text("\n".join(lines))


def shares(size, box):
    """(class, xmin, ymin, xmax, ymax) in pixels -> [ymin, xmin, ymax, xmax] in shares."""
    (width, height), (_, x1, y1, x2, y2) = size, box
    return [y1 / height, x1 / width, y2 / height, x2 / width]
