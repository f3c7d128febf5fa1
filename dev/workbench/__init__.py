"""Set-up of this repository: Odoo 19, Python, PostgreSQL, databases, tests.

Standard library only, so that it runs on a bare machine. One concern per file;
``cli.py`` puts them together.
"""
