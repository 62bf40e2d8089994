# Shown to whoever starts the platform, until somebody of the competence centre has signed in.
first-sign-in =
    Nobody of the national competence centre has signed in yet. This one-time code is for the first of them, good for { $hours ->
        [one] one hour
       *[other] { $hours } hours
    } or until the next start: { $code }
