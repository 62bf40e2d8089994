check-crisis-words = Ord som berättar om akut fara: den som skriver dem får hjälp visad direkt, och en ledare tittar innan andra i gruppen ser dem.
check-contact-details = Telefonnummer, adresser och namn på andra tjänster hålls utanför gruppens chatt.
check-links = Länkar hålls utanför gruppens chatt, utom till sidor som har valts ut för den.
limit-of-confidentiality =
    Chatten är inte hemlig för dina ledare: de kan läsa allt som skrivs här.
    De andra i gruppen kan läsa det du skriver i gruppens rum.
    Vi för inte vidare det du skriver. Men om vi tror att du eller någon annan är i fara kan vi behöva berätta för någon som kan hjälpa till. Vi försöker prata med dig först.
    Om någon anmäler ett meddelande kan de vuxna som ser till att alla är trygga läsa det.
