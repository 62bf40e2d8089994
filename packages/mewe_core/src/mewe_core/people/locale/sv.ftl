# Visas för den som startar plattformen, tills någon på kompetenscentret har loggat in.
first-sign-in =
    Ingen på det nationella kompetenscentret har loggat in än. Den här engångskoden är till den första, och gäller i { $hours ->
        [one] en timme
       *[other] { $hours } timmar
    } eller till nästa start: { $code }
