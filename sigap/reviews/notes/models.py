"""After-action notes: what a supervisor remarks at a moment of a shift, afterwards."""

from django.db import models

from sigap.core.models import Text
from sigap.incidents.models import Incident


class ReviewNote(models.Model):
    """A note at a moment of the record. Its words, their author and when they were written are
    in `text`, which can be erased; a wrong one is struck through there and stays."""

    at = models.DateTimeField(db_index=True)  # the moment that it is about
    # The incident that it is about; none where it is about the board as a whole.
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="review_notes")
    text = models.ForeignKey(Text, models.PROTECT, related_name="+")

    class Meta:
        app_label = "reviews"
