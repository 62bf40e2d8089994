# Titles of calendar entries. Others may look at the calendar: they say nothing about what a session is about.
calendar-session = { $group } ({ NUMBER($number) } of { NUMBER($count) })
calendar-follow-up = { $group } (meeting again)
calendar-online = Online
