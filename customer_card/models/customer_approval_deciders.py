from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class CustomerApprovalMixin(models.AbstractModel):
    """Who may decide a request, and who has made it."""

    _inherit = "customer.approval.mixin"

    def _approval_cards(self):
        """Which cards the requests are about. Extend: by default the ``partner_id``
        of the model, where it has one.

        :return: ``{request id: res.partner (sudo)}`` with a key for every request
        """
        # sudo: whoever asks may not see the cards he asks for
        return {
            request.id: request.sudo().partner_id.card_root_id
            if "partner_id" in self._fields
            else self.env["res.partner"].sudo()
            for request in self
        }

    def _approval_read_cards(self, name="card_ids"):
        """The cards that a many2many names, all of them whatever the user may read.

        Read past the cache, which mixes what was read with and without rights.

        :param name: of a stored many2many to contacts
        :return: ``{request id: res.partner (sudo)}`` with a key for every request
        """
        field = self._fields[name]
        # sudo: see above; callers show nothing of them but names, where they may
        Partner = self.env["res.partner"].sudo()
        saved = self.filtered(lambda request: isinstance(request.id, int))
        cards = {request.id: request.sudo()[name] for request in self - saved}
        card_ids = defaultdict(list)
        if saved:
            self.flush_model([name])
            for request_id, card_id in self.env.execute_query(
                SQL(
                    "SELECT %(request)s, %(card)s FROM %(relation)s "
                    "WHERE %(request)s = ANY(%(ids)s) ORDER BY %(card)s",
                    request=SQL.identifier(field.column1),
                    card=SQL.identifier(field.column2),
                    relation=SQL.identifier(field.relation),
                    ids=saved.ids,
                )
            ):
                card_ids[request_id].append(card_id)
        prefetch_ids = [card_id for ids in card_ids.values() for card_id in ids]
        for request in saved:
            cards[request.id] = Partner.browse(card_ids[request.id]).with_prefetch(
                prefetch_ids
            )
        return cards

    def _approval_departments(self):
        """Whose managers decide: by default the departments of the cards.

        :return: ``{request id: set of crm.team (sudo)}`` with a key for every request;
            the empty team stands for cards without a department
        """
        cards = self._approval_cards()
        return {
            request.id: {card.card_team_id for card in cards[request.id]}
            for request in self
        }

    def _approval_barred(self):
        """Who may not decide, whatever his rights: nobody decides his own request.

        :return: ``{request id: res.users (sudo)}``
        """
        return {request.id: request.sudo().requester_id for request in self}

    def _approval_deciders(self):
        """Who may decide each request: the managers of all its cards; for a card
        without any (other) manager, the card administrators; never who asked.

        Needs one look at the hierarchy per department, not per request.

        :return: ``{request id: res.users (sudo)}`` with a key for every request
        """
        departments = self._approval_departments()
        barred = self._approval_barred()
        administrators = self._approval_administrators() if self else None
        managers = {}
        deciders = {}
        for request in self:
            outside = barred[request.id]
            users = None
            for team in departments[request.id] or {self.env["crm.team"].sudo()}:
                if team not in managers:
                    managers[team] = team._get_card_managers()
                others = (managers[team] - outside) or (administrators - outside)
                users = others if users is None else users & others
            deciders[request.id] = users or (administrators - outside)
        return deciders

    def _approval_may_decide(self, user, deciders, barred):
        """The managers are asked; an administrator of the cards may step in.

        :return: whether ``user`` may decide this request
        """
        return user in deciders or (user._is_card_admin() and user not in barred)

    @api.model
    def _approval_administrators(self):
        """:return: the active card administrators (sudo: everybody may know who
        decides)"""
        group = self.env.ref("customer_card.customer_card_group_administrator").sudo()
        return group.all_user_ids.filtered("active")

    def _approval_filter_mine(self):
        """:return: the requests that this user made"""
        return self.filtered(
            lambda request: (
                self.env.user
                # sudo: who asked is compared, nothing of it is shown
                in (request.sudo().requester_id | request.sudo().create_uid)
            )
        )

    def _approval_check_mine(self):
        """:raise AccessError: for requests that somebody else made"""
        if self.env.su:
            return
        for request in self - self._approval_filter_mine():
            raise AccessError(
                self.env._(
                    "%(request)s was made by %(requester)s, only he may do this.",
                    request=request._approval_names(),
                    # sudo: the name of whoever asked
                    requester=request.sudo().requester_id.name,
                )
            )

    def _approval_check_decider(self):
        """:raise AccessError: for requests that this user may not decide"""
        if not self:
            return
        deciders = self._approval_deciders()
        barred = self._approval_barred()
        for request in self:
            users = deciders[request.id]
            if request._approval_may_decide(self.env.user, users, barred[request.id]):
                continue
            names = ", ".join(users.mapped("name"))
            if self.env.user in barred[request.id]:
                message = self.env._(
                    "%(request)s is your own request: somebody else has to decide it. "
                    "Ask %(deciders)s.",
                    request=request._approval_names(),
                    deciders=names or self.env._("an administrator"),
                )
            else:
                message = self.env._(
                    "%(request)s is not yours to decide. Ask %(deciders)s.",
                    request=request._approval_names(),
                    deciders=names or self.env._("an administrator"),
                )
            raise AccessError(message)
