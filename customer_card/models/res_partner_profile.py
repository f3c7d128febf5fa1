from odoo import api, fields, models

# What a card says about an organisation, and about a person (A11, A12). Other parts
# of the addon read these: the log of changes, completeness, proposals, prints.
ORGANISATION_FIELDS = ("legal_form", "ownership", "main_products")
PERSON_FIELDS = (
    "contact_role",
    "birthdate_date",
    "gender",
    "education",
    "occupation",
    "work_unit",
    "economic_status",
    "home_address",
    "personality",
    "hobbies",
    "physical_features",
    "family_notes",
)
PROFILE_FIELDS = (*ORGANISATION_FIELDS, *PERSON_FIELDS, "service_notes")
# Entries of their own: they log their changes themselves.
PROFILE_LINES = ("relative_ids",)


class ResPartner(models.Model):
    """Who the customer is: static data of organisations, of persons, and of the
    contacts of an organisation with the part they play in it (A11, A12)."""

    _name = "res.partner"
    _inherit = ["res.partner", "customer.birthday.mixin"]

    # organisation
    legal_form = fields.Char(
        groups="base.group_user", help="As registered: Ltd, GmbH, S.A., cooperative …"
    )
    ownership = fields.Selection(
        [
            ("private", "Private Company"),
            ("state", "State-Owned Company"),
            ("foreign", "Foreign-Owned Company"),
            ("joint_venture", "Joint Venture"),
            ("public_body", "Public Body"),
            ("non_profit", "Non-Profit Organisation"),
        ],
        "Nature of Business",
        groups="base.group_user",
    )
    main_products = fields.Char(
        groups="base.group_user", help="What the customer makes or sells."
    )
    # contact of an organisation
    contact_role = fields.Selection(
        [
            ("legal_representative", "Legal Representative"),
            ("handler", "Handler"),
            ("decision_maker", "Decision Maker"),
            ("finance", "Finance"),
            ("user", "User"),
        ],
        groups="base.group_user",
        index="btree_not_null",
        help="The part this person plays in the organisation: who signs for it, who "
        "handles the business with us, who decides, who pays, who uses what we sell.",
    )
    # person
    gender = fields.Selection(
        [("male", "Male"), ("female", "Female"), ("other", "Other")],
        groups="base.group_user",
    )
    education = fields.Selection(
        [
            ("primary", "Primary School"),
            ("secondary", "Secondary School"),
            ("vocational", "Vocational Training"),
            ("bachelor", "Bachelor's Degree"),
            ("master", "Master's Degree"),
            ("doctorate", "Doctorate"),
        ],
        groups="base.group_user",
    )
    occupation = fields.Char(groups="base.group_user")
    work_unit = fields.Char(
        "Employer",
        groups="base.group_user",
        help="Where the person works, if that is no contact here.",
    )
    economic_status = fields.Selection(
        [
            ("modest", "Modest"),
            ("average", "Average"),
            ("comfortable", "Comfortable"),
            ("wealthy", "Wealthy"),
        ],
        "Economic Situation",
        groups="base.group_user",
    )
    home_address = fields.Char(
        groups="base.group_user",
        help="Where the person lives. The address above is the one of the company.",
    )
    personality = fields.Char("Character", groups="base.group_user")
    hobbies = fields.Char(groups="base.group_user")
    physical_features = fields.Char(
        "Appearance",
        groups="base.group_user",
        help="What a colleague recognises the person by.",
    )
    family_notes = fields.Text("Family", groups="base.group_user")
    relative_ids = fields.One2many(
        "customer.card.relative",
        "partner_id",
        "Relatives",
        groups="base.group_user",
    )
    # both
    service_notes = fields.Text(
        "Service Record",
        groups="base.group_user",
        help="What was agreed and done for this customer beyond the single order.",
    )
    card_profile_filled = fields.Boolean(
        compute="_compute_card_profile_filled", groups="base.group_user"
    )

    _card_birthday_idx = models.Index(
        "((EXTRACT(month FROM birthdate_date) * 100 + EXTRACT(day FROM birthdate_date)))"
        " WHERE birthdate_date IS NOT NULL"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(*PROFILE_FIELDS, *PROFILE_LINES)
    def _compute_card_profile_filled(self):
        for partner in self:
            partner.card_profile_filled = any(
                partner[name] for name in (*PROFILE_FIELDS, *PROFILE_LINES)
            )
