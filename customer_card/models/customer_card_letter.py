from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

# The key to the state of a letter and of its recipients: an object that no client can
# put into the context.
LETTER_DOOR = object()


class CustomerCardLetter(models.Model):
    """A letter by post to many customers, each of them addressed as himself.

    draft → printed → sent, or cancelled. Its recipients are noted when they are
    gathered, with the address as it is then, and each card keeps who got what. Only
    cards that the writer keeps can be written to.
    """

    _name = "customer.card.letter"
    _description = "Letter to Customers"
    _inherit = ["customer.card.letter.text", "mail.thread", "mail.activity.mixin"]
    _order = "date DESC, id DESC"
    _rec_name = "subject"
    _allow_sudo_commands = False

    # who writes
    user_id = fields.Many2one(
        "res.users",
        "Written By",
        default=lambda self: self.env.user,
        required=True,
        readonly=True,
        copy=False,
        index=True,
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Department",
        default=lambda self: self.env.user.sale_team_id,
        readonly=True,
        index=True,
        copy=False,
    )
    company_id = fields.Many2one(
        "res.company",
        "Sender",
        default=lambda self: self.env.company,
        required=True,
        help="Whose name and address stand on the letter.",
    )
    # to whom
    audience_id = fields.Many2one(
        "customer.card.audience", index="btree_not_null", ondelete="set null"
    )
    line_ids = fields.One2many("customer.card.letter.line", "letter_id", "Recipients")
    recipient_count = fields.Integer("Letters", compute="_compute_counts")
    sent_count = fields.Integer("Sent", compute="_compute_counts")
    returned_count = fields.Integer("Came Back", compute="_compute_counts")
    left_out_count = fields.Integer("Left Out", compute="_compute_counts")
    # what
    template_id = fields.Many2one(
        "customer.card.letter.template", "Start From", ondelete="set null"
    )
    date = fields.Date(
        default=lambda self: self.env.user._card_today(),
        required=True,
        copy=False,
        help="The date on the letter.",
    )
    signature_by = fields.Selection(
        [("custodian", "The custodian of the card"), ("writer", "Whoever writes")],
        "Signed By",
        default="custodian",
        required=True,
    )
    envelope = fields.Selection(
        [
            ("din", "Window on the left (DIN 5008)"),
            ("us10", "US #10 window envelope"),
            ("none", "No window"),
        ],
        default=lambda self: self._default_envelope(),
        required=True,
        help="Where the address stands, so that it shows in the window.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("printed", "Printed"),
            ("sent", "Sent"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    sent_date = fields.Date("Sent On", readonly=True, copy=False)
    # how it looks
    preview_line_id = fields.Many2one(
        "customer.card.letter.line",
        "Show the Letter To",
        compute="_compute_preview_line_id",
        readonly=False,
        store=False,
        domain="[('letter_id', '=', id), ('state', '!=', 'left_out')]",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    can_edit = fields.Boolean("I May Change It", compute="_compute_can_edit")
    # for the record rule, which must not read line_ids: it would leave in the cache
    # recipients that the user may not see
    went_to_my_cards = fields.Boolean(
        "To a Customer of Mine",
        compute="_compute_went_to_my_cards",
        search="_search_went_to_my_cards",
        compute_sudo=True,
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.model
    def _default_envelope(self):
        paper = self.env.company.paperformat_id.format
        return "us10" if paper == "Letter" else "din"

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {}
        for letter, state, count in self.env["customer.card.letter.line"]._read_group(
            [("letter_id", "in", self.ids)], ["letter_id", "state"], ["__count"]
        ):
            counts[letter.id, state] = count
        for letter in self:
            of = {
                state: counts.get((letter._origin.id, state), 0)
                for state in ("to_send", "sent", "returned", "left_out")
            }
            letter.recipient_count = of["to_send"] + of["sent"] + of["returned"]
            letter.sent_count = of["sent"] + of["returned"]
            letter.returned_count = of["returned"]
            letter.left_out_count = of["left_out"]

    @api.depends("line_ids")
    def _compute_preview_line_id(self):
        for letter in self:
            letter.preview_line_id = letter.line_ids.filtered(
                lambda line: line.state != "left_out"
            )[:1]

    @api.depends("preview_line_id", "subject", "body", "date", "signature_by")
    def _compute_preview(self):
        for letter in self:
            line = letter.preview_line_id
            if not line:
                letter.preview = False
                continue
            letter.preview = self.env["ir.qweb"]._render(
                "customer_card.customer_card_letter_preview",
                {"letter": letter, "text": letter._render_letters(line)[line.id]},
            )

    @api.depends_context("uid")
    @api.depends("user_id", "team_id")
    def _compute_can_edit(self):
        editable = self._filter_editable()
        for letter in self:
            letter.can_edit = letter in editable

    @api.depends_context("uid")
    @api.depends("line_ids.partner_id")
    def _compute_went_to_my_cards(self):
        mine = self.env["customer.card.letter.line"]._search(
            Domain("letter_id", "in", self.ids) & self._get_lines_to_my_cards()
        )
        letter_ids = {
            letter_id
            for (letter_id,) in self.env.execute_query(
                mine.select(SQL.identifier(mine.table, "letter_id"))
            )
        }
        for letter in self:
            letter.went_to_my_cards = letter.id in letter_ids

    def _search_went_to_my_cards(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("line_ids", "any", self._get_lines_to_my_cards())
        return domain if True in value else ~domain

    @api.model
    def _get_lines_to_my_cards(self):
        """:return: Domain on the recipients: customers whose card the user keeps"""
        return Domain("partner_id", "any", self.env.user._card_maintain_domain())

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            self.subject = self.template_id.subject
            self.body = self.template_id.body

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        templates = self.env["customer.card.letter.template"]
        for vals in vals_list:
            self._check_guarded(vals)
            # a client may send any default
            vals |= self._get_initial_values(vals)
            template = templates.browse(vals.get("template_id"))
            for name in templates._get_text_fields() if template else ():
                vals.setdefault(name, template[name])
        letters = super().create(vals_list)
        letters._copy_template_translations()
        return letters

    def write(self, vals):
        self._check_guarded(vals)
        if self._get_text_names() & vals.keys():
            self._check_state(("draft", "printed"))
        result = super().write(vals)
        if vals.get("template_id"):
            self._copy_template_translations()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        """What a customer got stays on record."""
        for letter in self:
            if letter.state not in ("draft", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(letter)s has been printed and stays on record. Cancel it "
                        "if it was never sent.",
                        letter=letter.subject,
                    )
                )

    @api.model
    def _get_text_names(self):
        return {"subject", "body", "date", "company_id", "signature_by", "envelope"}

    def _check_guarded(self, vals):
        """:raise AccessError: when a client writes what only the buttons write"""
        if self.env.su or self.env.context.get("letter_door") is LETTER_DOOR:
            return
        guarded = {"state", "sent_date", "user_id", "team_id"} & vals.keys()
        defaults = {"state": "draft", "user_id": self.env.uid}
        if any(vals[name] != defaults.get(name, vals[name]) for name in guarded) or (
            self and guarded
        ):
            raise AccessError(
                self.env._(
                    "The status of a letter and its writer are set by the system. Use "
                    "the buttons: Print Letters, Mark as Sent, Cancel."
                )
            )

    @api.model
    def _get_initial_values(self, vals):
        """:return: what a letter begins with that only the buttons write"""
        if self.env.su:
            return {}
        team = vals.get("team_id", self.env.user.sale_team_id.id)
        return {
            "state": "draft",
            "sent_date": False,
            "user_id": self.env.uid,
            "team_id": team,
        }

    def _through_door(self):
        return self.with_context(letter_door=LETTER_DOOR)

    def _copy_template_translations(self):
        """Take over the translations of the template where its text is unchanged."""
        for letter in self.filtered("template_id"):
            template = letter.template_id
            for name in template._get_text_fields():
                if (letter[name] or "") != (template[name] or ""):
                    continue
                for code, _label in self.env["res.lang"].get_installed():
                    text = template.with_context(lang=code)[name]
                    if text and text != template[name]:
                        letter.with_context(lang=code)[name] = text

    # ------------------------------------------------------------
    # WHO MAY WHAT
    # ------------------------------------------------------------

    def _filter_editable(self):
        """:return: the letters that the user may change: his own, those of the
        departments that he manages, all for an administrator"""
        user = self.env.user
        if self.env.su or user._is_card_admin():
            return self
        managed = set(user._card_managed_team_ids())
        return self.filtered(
            lambda letter: (
                not letter.user_id
                or letter.user_id == user
                or letter.team_id.id in managed
            )
        )

    def _check_editable(self):
        """:raise AccessError: for letters of somebody else"""
        for letter in self - self._filter_editable():
            raise AccessError(
                self.env._(
                    "%(letter)s was written by %(user)s. Only he and the manager of "
                    "his department can change or send it.",
                    letter=letter.subject,
                    user=letter.user_id.name,
                )
            )

    def _check_state(self, states):
        """:raise UserError: for letters in another state"""
        if self.env.su and self.env.context.get("letter_door") is LETTER_DOOR:
            return
        labels = dict(self._fields["state"]._description_selection(self.env))
        for letter in self:
            if letter.state not in states:
                raise UserError(
                    self.env._(
                        "%(letter)s is in the status “%(state)s”: this can only be "
                        "done in the status %(states)s.",
                        letter=letter.subject,
                        state=labels[letter.state],
                        states=", ".join(f"“{labels[state]}”" for state in states),
                    )
                )
