subject = MEWE behöver dig
text = Något i MEWE behöver dig. Öppna MEWE och titta, är du snäll.
subject-test = MEWE: ett test
text-test = Det här är ett test av larmen i MEWE. Kan du läsa det här så når de dig. Du behöver inte göra något.
subject-reminder = MEWE behöver dig fortfarande
text-reminder = Något i MEWE väntar fortfarande på dig. Öppna MEWE och titta, eller be den som ersätter dig att göra det.
