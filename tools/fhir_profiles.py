"""Turns the profile rules into tables."""


def source(model, quoted, table):
    return ""
