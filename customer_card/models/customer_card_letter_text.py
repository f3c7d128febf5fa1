import re
from html import unescape

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty
from odoo.tools.rendering_tools import parse_inline_template

TAG = re.compile(r"<[^>]*>")


class CustomerCardLetterText(models.AbstractModel):
    """A text with placeholders, ``{{ salutation }}``, which each letter fills in.

    The notation is that of Odoo's mail templates, and nothing else: a placeholder is
    a word of a fixed list, never an expression. Nobody reads through a letter what he
    may not read himself.
    """

    _name = "customer.card.letter.text"
    _description = "Text of a Letter"

    subject = fields.Char(required=True, translate=True)
    body = fields.Html("Text", translate=True, sanitize_style=True)
    placeholder_help = fields.Html(
        "Placeholders", compute="_compute_placeholder_help", sanitize=False
    )

    @api.model
    def _get_placeholders(self):
        """:return: ``{placeholder: what it stands for}``. Other addons add theirs,
        and their values in ``customer.card.letter.line._get_placeholder_values``."""
        return {
            "salutation": self.env._("Dear Ms. Kim"),
            "name": self.env._("name of the person or company written to"),
            "company": self.env._("name of the customer"),
            "city": self.env._("town of the customer"),
            "main_products": self.env._("main products of the customer"),
            "card_number": self.env._("number of the card"),
            "custodian": self.env._("name of the custodian"),
            "custodian_phone": self.env._("phone of the custodian"),
            "custodian_email": self.env._("e-mail of the custodian"),
            "sender": self.env._("our company"),
            "date": self.env._("date of the letter"),
        }

    def _compute_placeholder_help(self):
        rows = Markup().join(
            Markup("<li><code>{{{{ {} }}}}</code> – {}</li>").format(word, meaning)
            for word, meaning in self._get_placeholders().items()
        )
        for text in self:
            text.placeholder_help = Markup("<ul class='mb-0'>{}</ul>").format(rows)

    @api.constrains("subject", "body")
    def _check_placeholders(self):
        known = self._get_placeholders()
        for text in self:
            for source in (text.subject, text.body):
                for _literal, word, _default in parse_inline_template(source or ""):
                    if word and self._clean_placeholder(word) not in known:
                        raise ValidationError(
                            self.env._(
                                "%(letter)s: there is no placeholder %(word)s. Use "
                                "one of these: %(known)s.",
                                letter=text.subject,
                                word=f"{{{{ {self._clean_placeholder(word)} }}}}",
                                known=", ".join(known),
                            )
                        )

    @api.model
    def _clean_placeholder(self, word):
        """:return: the bare word; an editor may have put markup into the braces"""
        return unescape(TAG.sub("", word)).replace("\xa0", " ").strip()

    @api.model
    def _fill_placeholders(self, source, values):
        """:param source: text, or Markup
        :param values: ``{placeholder: text}``
        :return: the text with its placeholders filled in, escaped in Markup; where a
            value is empty, what stands behind ``|||``"""
        result = Markup() if isinstance(source, Markup) else ""
        for literal, word, default in parse_inline_template(source or ""):
            value = values.get(self._clean_placeholder(word)) if word else ""
            if isinstance(source, Markup):
                result += Markup(literal) + (
                    escape(value) if value else Markup(default)
                )
            else:
                result += literal + str(value or default)
        return result

    def _has_text(self):
        self.ensure_one()
        return not is_html_empty(self.body)
