"""Invented personal numbers that pass their checksums, in the spellings people use."""

from meiqia_search.channels.demo.chance import Chance, pick

PREFIXES = (
    "130", "131", "132", "133", "134", "135", "136", "137", "138", "139", "145", "147", "150", "151", "152", "153",
    "155", "156", "157", "158", "159", "166", "173", "175", "176", "177", "178", "180", "181", "182", "183", "185",
    "186", "187", "188", "189", "191", "193", "195", "198", "199",
)  # fmt: skip
_DISTRICTS = (
    "110105", "110108", "120101", "310112", "310115", "320102", "320505", "330106", "330203", "340104", "350102",
    "370102", "370203", "410105", "420106", "430102", "440106", "440305", "500112", "510107", "610113",
)  # fmt: skip
_BANKS = (("622848", 19), ("621700", 19), ("622202", 19), ("621226", 19), ("621661", 19), ("622588", 16))
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def id_check(first17: str) -> str:
    """The last character of an ID card number (ISO 7064 MOD 11-2)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def luhn_check(first: str) -> str:
    """The last digit of a bank card number (Luhn)."""
    doubled = (int(digit) * (1 + place % 2) for digit, place in zip(reversed(first), range(1, 99), strict=False))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def id_card(gender: str, age: int, this_year: int, chance: Chance) -> str:
    """An 18-digit ID card number of someone of that gender and age."""
    born = f"{this_year - age}{1 + int(chance() * 12):02}{1 + int(chance() * 28):02}"
    order = int(chance() * 499) * 2 + (1 if gender == "男" else 2)
    first17 = f"{pick(_DISTRICTS, chance)}{born}{order:03}"
    return first17 + id_check(first17)


def bank_card(chance: Chance) -> str:
    """A bank card number, sometimes in groups of four."""
    prefix, length = pick(_BANKS, chance)
    digits = length - 1 - len(prefix)
    first = f"{prefix}{int(chance() * 10**digits):0{digits}}"
    number = first + luhn_check(first)
    if chance() < 0.3:
        return " ".join(number[at : at + 4] for at in range(0, length, 4))
    return number


def as_typed(phone: str, chance: Chance) -> str:
    """A mobile number as someone types it: mostly plain, sometimes grouped, full-width or with the country code."""
    style = chance()
    if style < 0.72:
        return phone
    groups = phone[:3], phone[3:7], phone[7:]
    if style < 0.83:
        return " ".join(groups)
    if style < 0.92:
        return "-".join(groups)
    return phone.translate(_FULL_WIDTH) if style < 0.96 else f"+86 {phone}"
