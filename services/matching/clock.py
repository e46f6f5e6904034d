"""Days are those of China, which has one time zone and no summer time; moments are stored in UTC."""

from datetime import timedelta, timezone

CHINA = timezone(timedelta(hours=8))
