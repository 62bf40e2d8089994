# A notice on the screen. Whoever looks over a shoulder must not learn what the app is for.
title = Nytt
text = Det finns något nytt.
