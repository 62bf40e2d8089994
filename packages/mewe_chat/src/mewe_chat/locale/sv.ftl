check-crisis-words = Ord som berättar om akut fara: den som skriver dem får hjälp visad direkt, och en ledare tittar innan andra i gruppen ser dem.
check-contact-details = Telefonnummer, adresser och namn på andra tjänster hålls utanför gruppens chatt.
check-links = Länkar hålls utanför gruppens chatt, utom till sidor som har valts ut för den.
