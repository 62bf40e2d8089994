# A notice on the screen. Whoever looks over a shoulder must not learn what the app is for.
title = Updates
text = There is something new.
