"""The board as it was: rebuilt from the journal for any second, and played on by its rows.

`fold.py` follows the rows (pure), `board.py` fetches them and makes the rows of the live screens
of what came out. What the journal does not hold is shown as it is known now: the words and the
points of places, and what units are. Where units were is from their tracks, as long as these are
kept.
"""
