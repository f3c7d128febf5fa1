"""Values of fields as a user reads them."""

from odoo.tools import format_date, format_datetime, html2plaintext
from odoo.tools.misc import formatLang

DECIMAL_TYPES = ("float", "monetary")


def scalar_text(env, field, value):
    """A value in the user's language and formats.

    :param field: of the value; no relational one
    :param value: as a record or the database holds it
    :return: text, empty for no value
    """
    if field.type == "boolean":
        return env._("Yes") if value else env._("No")
    if field.type in DECIMAL_TYPES:
        digits = field.get_digits(env) if field.type == "float" else None
        return formatLang(env, value or 0, digits=digits[1] if digits else 2)
    if value is None or value is False:
        return ""
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, value)
    if field.type == "date":
        return format_date(env, value)
    if field.type == "datetime":
        return format_datetime(env, value)
    if field.type == "html":
        return html2plaintext(value)
    return str(value)
