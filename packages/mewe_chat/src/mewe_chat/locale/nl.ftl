limit-of-confidentiality =
    Deze chat is niet geheim voor je begeleiders: zij kunnen alles lezen wat hier wordt geschreven.
    Anderen in de groep kunnen lezen wat je in de ruimte van de groep schrijft.
    We vertellen niet door wat je schrijft. Maar als we denken dat jij of iemand anders gevaar loopt, moeten we het misschien aan iemand vertellen die kan helpen. We proberen eerst met jou te praten.
    Als iemand een bericht meldt, kunnen de volwassenen die op ieders veiligheid letten het lezen.
