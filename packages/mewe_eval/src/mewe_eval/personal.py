"""What evaluation holds about a person."""

from mewe_core.kit.personal import Basis, Erasure, Hold, Personal, PersonalData

ANSWER_DAYS = 1825
"""How long answers are kept once a form has closed: five years, so that figures can be defended; our proposal."""

FROZEN_DAYS = 90
"""How long an answer that somebody had to look at is kept once its concern is closed; our proposal."""

READING_DAYS = 730
"""How long it is kept who has read one; our proposal."""

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "eval_form",
            (
                "person_id",
                "study",
                "wave",
                "instrument",
                "role",
                "open_time",
                "close_time",
                "begin_time",
                "finish_time",
                "language",
                "typed_by",
                "answered",
                "sealed_answers",
            ),
            found_by="person_id",
            purpose="To find out whether the groups help, and to follow up how those in them are, as they consented to.",
            basis=Basis.CONSENT,
            retention_days=ANSWER_DAYS,
            kept_from="close_time",
            sealed="eval",
            unsealed="Codes of the study and its questionnaires, which are the same for everybody.",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "eval_attendance",
            ("person_id", "present", "held_time"),
            found_by="person_id",
            purpose="To say, in what is found out about the groups, at how many sessions people were.",
            basis=Basis.PUBLIC_TASK,
            retention_days=ANSWER_DAYS,
            kept_from="held_time",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "eval_notices_wanted",
            ("person_id",),
            found_by="person_id",
            purpose="To tell nobody that they are asked something who does not want to be told.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "eval_alert",
            ("id", "form_id", "person_id", "create_time", "typed_in", "sealed_copy", "close_time"),
            found_by="person_id",
            purpose="To help somebody whose answer worries. No erasure reaches it before its concern is closed.",
            basis=Basis.LEGAL_DUTY,
            retention_days=FROZEN_DAYS,
            kept_from="close_time",
            sealed="concern",
            about="id",
            hold=Hold("concern", "close_time"),
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "eval_alert_reading",
            ("id", "alert_id", "reader_id", "read_time"),
            found_by="reader_id",
            purpose="To know who has read an answer that worries, and when.",
            basis=Basis.LEGAL_DUTY,
            retention_days=READING_DAYS,
            kept_from="read_time",
            erasure=Erasure.KEEP_PSEUDONYM,
        ),
        Personal(
            "eval_assignment",
            ("unit_id", "stratum", "arm", "assign_time"),
            found_by="unit_id",
            purpose="To show that nobody chose who got what in a study: the log of its draws is whole, or worth nothing.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            unsealed="Codes of the study and its arms; a stratum is the id of an organisation.",
            erasure=Erasure.KEEP_PSEUDONYM,
        ),
    ),
    impersonal=frozenset(
        {
            "eval_assignment.study",
            "eval_assignment.study_version",
            "eval_assignment.number",
            "eval_assignment.group_id",
            "eval_assignment.before",
            "eval_drawing.study",
            "eval_drawing.study_version",
            "eval_drawing.end_time",
            "eval_attendance.session_id",
            "eval_attendance.group_id",
            "eval_group.id",
            "eval_group.organisation_id",
            "eval_group.state",
            "eval_group.training",
            "eval_group.staffed",
            "eval_session.id",
            "eval_session.group_id",
            "eval_session.number",
            "eval_session.follow_up",
            "eval_session.held_time",
            "eval_form.id",
            "eval_form.study_version",
            "eval_form.instrument_version",
            "eval_form.group_id",
            "eval_form.remind_times",
            "eval_form.reminded",
            "eval_form.remind_time",
            "eval_form.wording",
        }
    ),
)
"""What evaluation holds about a person."""
