"""The day it is where the service works; passed inwards, so that everything below has no clock."""

import datetime as dt
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def today_in_beijing() -> dt.date:
    """Today's date in Asia/Shanghai."""
    return dt.datetime.now(BEIJING).date()
