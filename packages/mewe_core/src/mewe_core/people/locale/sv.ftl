# Visas för den som startar plattformen, när ingen på kompetenscentret kan logga in.
first-sign-in =
    Ingen på det nationella kompetenscentret kan logga in. Den här engångskoden är till en av dem, och gäller i { $hours ->
        [one] en timme
       *[other] { $hours } timmar
    } eller till nästa start: { $code }
