"""Also for ``pytest tests/…`` by hand; ``make test`` sets the same itself."""


def pytest_configure(config):
    # without it, pytest-odoo skips every HttpCase in silence
    config.option.odoo_http = True
