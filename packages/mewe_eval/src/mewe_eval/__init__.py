"""Evaluation: from answers to questionnaires to figures that a municipality, a researcher and a country can trust."""
