"""A part of the page for a training run whose classes are cells of the earth: how far off its answers are."""

from mobilenet_tf.results.places_record import PlacesRecord

from .answers_section import share_text
from .document import Section
from .html_table import Cell, Heading, sortable_table

__all__ = ["places_section"]

NAMES = {"1": "street", "25": "city", "200": "region", "750": "country", "2500": "continent"}


def places_section(places: PlacesRecord) -> Section:
    """The table of distances with its heading."""
    headings = [
        Heading("distance", "between the answer and where the photo was taken"),
        Heading("about", "what is so large", "name"),
        Heading("photos", "share of the validation photos whose answer is within the distance"),
    ]
    rows = [
        [
            Cell(f"{int(limit):,} km", int(limit)),
            Cell(NAMES[limit], NAMES[limit]),
            Cell(share_text(share), share, bar=share),
        ]
        for limit, share in places.within_km.items()
    ]
    text = (
        f"The classes are {len(places.cells)} cells of the earth. Half of the answers are within "
        f"{places.median_km:,.1f} km of where the photo was taken."
    )
    table = sortable_table("Distances of the answers", headings, rows)
    return Section(f'<h3>Distances of the answers</h3><p class="soft">{text}</p>{table}')
