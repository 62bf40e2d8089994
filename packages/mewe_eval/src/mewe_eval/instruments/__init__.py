"""Instruments (questionnaires) as data, and their exact scores."""
