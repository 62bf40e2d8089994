"""Notices: "there is something new", for those who want to know, without a word of what or who."""
