# Shown to whoever starts the platform, where nobody of the competence centre can sign in.
first-sign-in =
    Nobody of the national competence centre can sign in. This one-time code is for one of them, good for { $hours ->
        [one] one hour
       *[other] { $hours } hours
    } or until the next start: { $code }
