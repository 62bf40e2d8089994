subject = MEWE asks for you
text = Something in MEWE asks for you. Please open it and look.
subject-test = MEWE: a test
text-test = This is a test of the alerts of MEWE. If you can read this, they reach you. There is nothing to do.
subject-reminder = MEWE still asks for you
text-reminder = Something in MEWE still asks for you. Please open it and look, or ask whoever stands in for you to.
