"""The case file of an incident or a complaint: everything that is known of it, with the proof that
the record says so, as JSON and as PDF.

`paper.py` is what all case files are made of, `incidents.py` and `complaints.py` say what is in
theirs, `pdf.py` sets it. The edition for release is made of what may be told, never by taking out
of the whole what may not.
"""
