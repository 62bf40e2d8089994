# Rubriker i kalendern. Andra kan se den: de säger inget om vad träffen handlar om.
calendar-session = { $group } ({ NUMBER($number) } av { NUMBER($count) })
calendar-follow-up = { $group } (återträff)
calendar-online = På nätet
