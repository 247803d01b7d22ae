"""Answers by the first rule of a script that matches."""
