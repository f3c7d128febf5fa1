import contextlib
import filecmp
import logging
import os
import shutil
import tempfile

from odoo import api, models, tools
from odoo.tools import SQL, frozendict, human_size

_logger = logging.getLogger(__name__)

# Odoo's garbage collection knows files by their last two components; a name of exactly
# these is collected, streamed, dumped and restored by Odoo alone, also when this addon
# is no longer installed.
FOLDER = "customer_cards"
BATCH = 500


class IrAttachment(models.Model):
    """Documents of customer cards have a folder of their own in the filestore: it can be
    a disk of its own, with its own quota, and be found, copied and counted apart."""

    _inherit = "ir.attachment"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._place_card_documents()
        return attachments

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"res_model", "res_id"}:
            self._place_card_documents()
        return result

    def _set_attachment_data(self, asbytes):
        result = super()._set_attachment_data(asbytes)
        self._place_card_documents()
        return result

    # ------------------------------------------------------------
    # WHAT BELONGS TO A CARD
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_card_document_models(self):
        """Whose attachments are documents of a card: contacts with a card, the parts of
        a card, and the documents of this application.

        :return: ``{model name: has to belong to a card, in its field card_root_id}``
        """
        names = {}
        for name, model in self.env.registry.items():
            if model._abstract or model._transient or not model._auto:
                continue
            field = model._fields.get("card_root_id")
            if field and field.store:
                names[name] = True
            elif name.startswith("customer."):
                names[name] = False
        return frozendict(names)

    @api.model
    def _get_card_document_condition(self):
        """:return: SQL condition on the table ``ir_attachment``"""
        conditions = []
        for name, through_card in sorted(self._get_card_document_models().items()):
            condition = SQL("ir_attachment.res_model = %s", name)
            if through_card:
                condition = SQL(
                    "(%s AND EXISTS (SELECT 1 FROM %s owner WHERE"
                    " owner.id = ir_attachment.res_id AND owner.card_root_id IS NOT NULL))",
                    condition,
                    SQL.identifier(self.env[name]._table),
                )
            conditions.append(condition)
        return SQL(
            "(ir_attachment.res_id IS NOT NULL AND ir_attachment.res_id != 0 AND (%s))",
            SQL(" OR ").join(conditions),
        )

    # ------------------------------------------------------------
    # MOVING
    # ------------------------------------------------------------

    def _place_card_documents(self):
        """Keep the files of these attachments where they belong: those of cards in the
        cards' folder, all others in Odoo's.

        A file is copied, and its old name left to Odoo's garbage collection: the same
        content may belong to several attachments.
        """
        if self._storage() != "file":
            return
        names = self._get_card_document_models()
        # sudo: which documents belong to cards
        candidates = self.sudo().filtered(
            lambda attachment: (
                attachment.store_fname
                and (
                    attachment.res_model in names
                    or attachment.store_fname.startswith(f"{FOLDER}/")
                )
            )
        )
        if candidates:
            candidates.flush_recordset(["res_model", "res_id", "store_fname"])
            # the picture of a contact is stored while the contact itself still is being
            # made: no time to compute it
            documents = candidates.filtered(lambda attachment: not attachment.res_field)
            for name in set(documents.mapped("res_model")) & names.keys():
                if names[name]:
                    self.env[name].flush_model(["card_root_id"])
            self._move_files(self._get_misplaced(SQL("id = ANY(%s)", candidates.ids)))

    @api.model
    def _get_misplaced(self, condition=None, limit=None):
        """:return: ``[(id, name of the file, name that it should have), …]``"""
        belongs = self._get_card_document_condition()
        return self.env.execute_query(
            SQL(
                """
                SELECT id, store_fname,
                       CASE WHEN %(belongs)s THEN %(folder)s || checksum
                            ELSE LEFT(checksum, 2) || '/' || checksum END
                  FROM ir_attachment
                 WHERE %(condition)s
                   AND type = 'binary'
                   AND ((store_fname = LEFT(checksum, 2) || '/' || checksum
                         AND %(belongs)s)
                     OR (store_fname = %(folder)s || checksum AND NOT %(belongs)s))
              ORDER BY id
                 LIMIT %(limit)s
                """,
                belongs=belongs,
                folder=f"{FOLDER}/",
                condition=condition or SQL("TRUE"),
                limit=limit,
            )
        )

    @api.model
    def _move_files(self, moves):
        """:param moves: see ``_get_misplaced``
        :return: how many could be moved; the others stay readable where they are"""
        moves = [
            (attachment_id, old, new)
            for attachment_id, old, new in moves
            if os.path.isfile(self._full_path(old))
        ]
        if not moves:
            return 0
        # The rows first: this lock keeps the garbage collection away until the end of
        # the transaction.
        self._rename_files([(move[0], move[2]) for move in moves])
        failed = []
        for attachment_id, old, new in moves:
            try:
                self._copy_file(old, new)
            except OSError:
                _logger.exception("Could not copy %s to %s", old, new)
                failed.append((attachment_id, old))
            else:
                self._mark_for_gc(old)
        self._rename_files(failed)
        return len(moves) - len(failed)

    @api.model
    def _rename_files(self, names):
        """:param names: ``[(attachment id, name of its file), …]``"""
        if not names:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE ir_attachment
                   SET store_fname = new.name
                  FROM (VALUES %s) AS new (id, name)
                 WHERE ir_attachment.id = new.id
             RETURNING ir_attachment.id
                """,
                SQL(", ").join(SQL("(%s::int, %s)", *pair) for pair in names),
            )
        )
        self.browse([pair[0] for pair in names]).invalidate_recordset(["store_fname"])

    @api.model
    def _copy_file(self, old, new):
        """Copy a file of the filestore, whole or not at all.

        :raise OSError: when that fails
        """
        source, target = self._full_path(old), self._full_path(new)
        # if the transaction fails, nobody refers to the copy
        self._mark_for_gc(new)
        if os.path.isfile(target) and filecmp.cmp(source, target, shallow=False):
            return
        folder = os.path.dirname(target)
        mode = 0o700 if os.path.basename(folder) == FOLDER else 0o777
        os.makedirs(folder, mode=mode, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
            try:
                with open(source, "rb") as stream:
                    shutil.copyfileobj(stream, copy)
                copy.close()
                os.rename(copy.name, target)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(copy.name)
                raise

    @api.model
    def _cron_place_card_documents(self):
        """Move what became, or no longer is, a document of a card, in batches: cards
        that were opened or merged, documents from before this addon."""
        if self._storage() != "file":
            return
        done = 0
        while moves := self._get_misplaced(SQL("id > %s", done), BATCH):
            done = moves[-1][0]
            moved = self._move_files(moves)
            if not self.env["ir.cron"]._commit_progress(
                moved, remaining=BATCH if len(moves) == BATCH else 0
            ):
                break

    # ------------------------------------------------------------
    # STATUS
    # ------------------------------------------------------------

    @api.model
    def _get_card_document_folder(self):
        """:return: where the documents of cards are, as a path on the server"""
        return self._full_path(FOLDER)

    @api.model
    def _get_card_document_status(self):
        """:return: how many documents there are and how large they are, as a text"""
        self.flush_model(["store_fname", "file_size"])
        [(number, size)] = self.env.execute_query(
            SQL(
                "SELECT count(*), COALESCE(sum(file_size), 0) FROM ir_attachment"
                " WHERE store_fname LIKE %s",
                f"{FOLDER}/%",
            )
        )
        return self.env._(
            "%(number)s documents, %(size)s",
            number=number,
            size=human_size(size) or "0 b",
        )
