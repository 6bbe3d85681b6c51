"""The day it is where the service works; passed inwards, so that everything below has no clock."""

import datetime as dt

BEIJING = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year, so no time-zone database is needed."""


def today_in_beijing() -> dt.date:
    """Today's date in Asia/Shanghai."""
    return dt.datetime.now(BEIJING).date()
