from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerVisit(models.Model):
    """Photos and the customer's signature."""

    _inherit = "customer.visit"

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        if signed := visits.filtered("signature"):
            signed._visit_through_door().write({"signed_date": fields.Datetime.now()})
        visits.filtered("photo_ids")._adopt_photos()
        return visits

    def write(self, vals):
        before = self.photo_ids if "photo_ids" in vals else None
        result = super().write(vals)
        if "signature" in vals:
            self._visit_through_door().write(
                {"signed_date": vals["signature"] and fields.Datetime.now()}
            )
        if before is not None:
            self._adopt_photos(before)
        return result

    def _adopt_photos(self, before=None):
        """Files that were uploaded for a visit belong to it: whoever may read it reads
        them, and nobody else.

        :raise UserError: for a file that somebody else uploaded, or that belongs to
            another document: by its bare id anybody could put it here and read it
        """
        for visit in self:
            # sudo: a foreign file is to be refused, not to be overlooked
            photos = visit.sudo().photo_ids
            if before is not None:
                photos -= before.sudo()
            photos = photos.filtered(
                lambda photo, visit=visit: (
                    (photo.res_model, photo.res_id) != (visit._name, visit.id)
                )
            )
            if not self.env.su and photos.filtered(
                lambda photo: photo.res_id or photo.create_uid != self.env.user
            ):
                raise UserError(
                    self.env._(
                        "%(visit)s: upload the photo here. A file of another document "
                        "cannot be taken over.",
                        visit=visit._get_visit_names(),
                    )
                )
            photos.write({"res_model": visit._name, "res_id": visit.id})
