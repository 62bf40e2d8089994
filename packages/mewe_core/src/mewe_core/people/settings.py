"""What a deployment may set for people."""

from attrs import field, frozen, validators


@frozen(kw_only=True)
class PeopleSettings:
    """Settings of the feature people, from the mix.

    ``invitation_hours``: how long a code is good unless the invitation says otherwise; 1 to 168.
    ``session_days``: a device is signed out when it has not been used for so long; 1 to 365.
    ``language``: in which the line about the first sign-in is written; ``en`` or ``sv``.
    """

    invitation_hours: int = field(default=72, validator=[validators.instance_of(int), validators.ge(1), validators.le(168)])
    session_days: int = field(default=90, validator=[validators.instance_of(int), validators.ge(1), validators.le(365)])
    language: str = field(default="en", validator=validators.in_(("en", "sv")))
