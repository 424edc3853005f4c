"""The yearly survey of public satisfaction (IKM) by PermenPANRB 14/2017. No database.

Nine elements on a scale from 1 to 4, each with the weight 1/9: the mean of their means, times 25.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

# As the regulation calls them, and what that means.
ELEMENTS = {
    "u1": ("Persyaratan", "Requirements"),
    "u2": ("Sistem, mekanisme, dan prosedur", "System, mechanism and procedure"),
    "u3": ("Waktu penyelesaian", "Time to completion"),
    "u4": ("Biaya/tarif", "Cost"),
    "u5": ("Produk spesifikasi jenis pelayanan", "Product of the service"),
    "u6": ("Kompetensi pelaksana", "Competence of the staff"),
    "u7": ("Perilaku pelaksana", "Conduct of the staff"),
    "u8": ("Penanganan pengaduan, saran dan masukan", "Handling of complaints and suggestions"),
    "u9": ("Sarana dan prasarana", "Facilities"),
}
LOWEST, HIGHEST = 1, 4
# From which value on; the values are rounded to two decimals first.
BANDS = (
    ("A", Decimal("88.31"), "Sangat baik", "Very good"),
    ("B", Decimal("76.61"), "Baik", "Good"),
    ("C", Decimal("65.00"), "Kurang baik", "Rather poor"),
    ("D", Decimal("25.00"), "Tidak baik", "Poor"),
)
AGES = ("<20", "20-29", "30-39", "40-49", "50-59", "60+")
SEXES = ("L", "P")  # laki-laki, perempuan
EDUCATION = ("SD", "SMP", "SMA", "D3", "S1", "S2")


def mean_of(total: int, n: int) -> Decimal:
    """The mean answer to one element, to two decimals."""
    return _rounded(Fraction(total, n))


def converted(total: int, n: int) -> Decimal:
    """The value of one element, from 25 to 100."""
    return _rounded(Fraction(25 * total, n))


def index(totals: Sequence[int], n: int) -> Decimal:
    """The value of the survey, from 25 to 100: `totals` are the sums of the answers to each
    element by `n` people. It is rounded once, at the end."""
    return _rounded(Fraction(25 * sum(totals), len(totals) * n))


def band(value: Decimal) -> str:
    """The letter for a value that is rounded to two decimals."""
    return next(letter for letter, least, *_names in BANDS if value >= least)


def _rounded(value: Fraction) -> Decimal:
    """To two decimals, a half upwards, as it is done by hand."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
