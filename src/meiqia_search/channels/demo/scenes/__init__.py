"""All scenes, by theme."""

from meiqia_search.channels.demo.scenes import (
    accounts,
    complaints,
    faults,
    letters,
    logistics,
    money,
    orders,
    presales,
    refunds,
    repairs,
)

SCENES = (
    *refunds.SCENES, *logistics.SCENES, *faults.SCENES, *presales.SCENES, *money.SCENES, *accounts.SCENES,
    *orders.SCENES, *repairs.SCENES, *complaints.SCENES, *letters.SCENES,
)  # fmt: skip
