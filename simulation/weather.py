"""What many firms feel at once: the economy, their industry, their district, and events that the papers told of."""

from dataclasses import dataclass

import numpy as np

from simulation.assumed import city
from simulation.assumed import economy as a
from simulation.chance import Numbers, generator
from simulation.firms import Firms
from simulation.months import Calendar


@dataclass(frozen=True)
class Weather:
    """News of each month as changes of log demand.

    Attributes:
        economy: per month.
        industry: industry × month.
        district: district × month.
        exports: per month, felt by the exported share of sales.
    """

    economy: Numbers
    industry: Numbers
    district: Numbers
    exports: Numbers

    def news(self, firms: Firms, month: int) -> Numbers:
        """What a month's news are to each firm."""
        place = np.searchsorted(DISTRICTS, firms.district)
        felt: Numbers = (
            firms.trait("macro") * self.economy[month]
            + self.industry[firms.industry, month]
            + self.district[place, month]
            + firms.export_share * self.exports[month]
        )
        return felt


DISTRICTS = np.array(sorted(city.DISTRICTS))


def weather(calendar: Calendar, *, seed: int) -> Weather:
    """The weather of a city."""
    random = generator(seed, "weather")
    months = calendar.months
    economy = a.ECONOMY * random.standard_normal(months)
    industry = a.INDUSTRY * random.standard_normal((len(city.INDUSTRIES), months))
    district = a.DISTRICT * random.standard_normal((len(DISTRICTS), months))
    blow = random.random(district.shape) < a.DISTRICT_BLOW / len(DISTRICTS)
    exports = np.zeros(months)
    for day, who, size in a.EVENTS:
        place = calendar.place_of(day)
        if 0 <= place < months:
            (exports if who == "exports" else economy)[place] += size
    return Weather(economy, industry, district + a.DISTRICT_BLOW_SIZE * blow, exports)


def spread_of_news(firms: Firms) -> Numbers:
    """Standard deviation of a month's news to each firm, events and blows aside, for futures nobody knows."""
    spread: Numbers = np.sqrt((firms.trait("macro") * a.ECONOMY) ** 2 + a.INDUSTRY**2 + a.DISTRICT**2)
    return spread
