import os
import stat
import tempfile
import zipfile

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.base.models.ir_attachment import IrAttachment

from ..tools import backup_job
from .common import CustomerCardCommon, CustomerCardHttp

FOLDER = "customer_cards"


class DocumentCase:
    def document(self, record, content=b"the contract", **vals):
        return self.env["ir.attachment"].create(
            {
                "name": "Contract.txt",
                "raw": content,
                "res_model": record._name,
                "res_id": record.id,
                **vals,
            }
        )

    def assertStored(self, attachment, in_card_folder):
        name = attachment.store_fname
        (self.assertTrue if in_card_folder else self.assertFalse)(
            name.startswith(f"{FOLDER}/"), name
        )
        self.assertTrue(os.path.isfile(attachment._full_path(name)), name)


@tagged("post_install", "-at_install")
class TestCardDocuments(DocumentCase, CustomerCardCommon):
    """Documents of cards lie in a folder of their own (A09), and Odoo handles them
    there without knowing it."""

    def test_documents_of_a_card_have_their_folder(self):
        for record in (self.card_east, self.contact_east):
            attachment = self.document(record, b"of " + record.name.encode())
            self.assertStored(attachment, True)
            self.assertEqual(attachment.raw, b"of " + record.name.encode())
        folder = os.path.dirname(attachment._full_path(attachment.store_fname))
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        path = attachment._full_path(attachment.store_fname)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_all_other_documents_stay_where_odoo_puts_them(self):
        for record in (
            self.free_partner,
            self.env.company,
            self.env.ref("base.lang_en"),
        ):
            self.assertStored(self.document(record, b"no card"), False)
        unbound = self.env["ir.attachment"].create({"name": "x", "raw": b"unbound"})
        self.assertStored(unbound, False)

    def test_documents_of_the_application_itself(self):
        loan = (
            self.env["customer.card.loan"]
            .with_user(self.custodian_west)
            .create({"card_ids": [Command.set(self.card_east.ids)], "purpose": "Trip"})
        )
        self.assertStored(self.document(loan, b"of a loan"), True)
        names = self.env["ir.attachment"]._get_card_document_models()
        self.assertIs(names["res.partner"], True)
        self.assertIs(names["customer.card.loan"], False)
        self.assertNotIn("customer.card.open", names, "transient")

    def test_new_content_and_a_new_owner(self):
        attachment = self.document(self.card_east, b"old")
        attachment.raw = b"new"
        self.assertStored(attachment, True)
        self.assertEqual(attachment.raw, b"new")
        attachment.res_id = self.free_partner.id
        self.assertStored(attachment, False)
        self.assertEqual(attachment.raw, b"new")
        attachment.write({"res_id": self.card_west.id})
        self.assertStored(attachment, True)

    def test_a_message_brings_its_attachment(self):
        upload = self.env["ir.attachment"].create(
            {"name": "u", "raw": b"upload", "res_model": "mail.compose.message"}
        )
        self.card_east.message_post(body="see there", attachment_ids=upload.ids)
        self.assertEqual(upload.res_model, "res.partner")
        self.assertStored(upload, True)

    def test_pictures_belong_to_the_card(self):
        pixel = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
            b"WjR9awAAAABJRU5ErkJggg=="
        )
        self.card_east.image_1920 = pixel
        picture = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", self.card_east.id),
                ("res_field", "=", "image_1920"),
            ]
        )
        self.assertStored(picture, True)
        self.assertTrue(self.card_east.image_1920)

    def test_a_copy_is_a_document_of_its_own(self):
        attachment = self.document(self.card_east)
        copy = attachment.copy({"res_id": self.free_partner.id})
        self.assertStored(copy, False)
        self.assertStored(attachment, True)
        self.assertEqual(copy.raw, attachment.raw)

    # shared content

    def test_the_same_content_in_both_places(self):
        common = self.document(self.free_partner, b"shared")
        card = self.document(self.card_east, b"shared")
        self.assertStored(common, False)
        self.assertStored(card, True)
        card.unlink()
        common._gc_file_store_unsafe()
        self.assertEqual(common.raw, b"shared")

    def test_garbage_is_collected_and_nothing_else(self):
        card = self.document(self.card_east, b"garbage one")
        other = self.document(self.card_west, b"garbage two")
        path = card._full_path(card.store_fname)
        common = card._full_path(f"{card.checksum[:2]}/{card.checksum}")
        self.assertTrue(os.path.isfile(common), "Odoo wrote it there first")
        self.env.flush_all()
        # Odoo's own method: so it goes on without this addon
        IrAttachment._gc_file_store_unsafe(card)
        self.assertFalse(os.path.exists(common))
        self.assertTrue(os.path.isfile(path))
        card.unlink()
        self.env.flush_all()
        IrAttachment._gc_file_store_unsafe(other)
        self.assertFalse(os.path.exists(path))
        self.assertEqual(other.raw, b"garbage two")

    # moving

    def test_opening_a_card_moves_its_documents(self):
        attachment = self.document(self.free_partner, b"before the card")
        Trigger = self.env["ir.cron.trigger"]
        cron = self.env.ref("customer_card.ir_attachment_cron_card_documents")
        before = Trigger.search_count([("cron_id", "=", cron.id)])
        self.free_partner._open_cards(self.custodian_east)
        self.assertGreater(Trigger.search_count([("cron_id", "=", cron.id)]), before)
        self.env.flush_all()
        self.assertStored(attachment, False)
        self._place()
        self.assertStored(attachment, True)
        self.assertEqual(attachment.raw, b"before the card")

    def test_a_contact_that_leaves_a_card(self):
        attachment = self.document(self.contact_east, b"a person's")
        self.contact_east.parent_id = False
        self.env.flush_all()
        self._place()
        self.assertStored(attachment, False)
        self.assertEqual(attachment.raw, b"a person's")

    def test_merged_customers(self):
        attachment = self.document(self.free_partner, b"of the duplicate")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.free_partner | self.card_east).ids, self.card_east
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self._place()
        self.assertEqual(attachment.res_id, self.card_east.id)
        self.assertStored(attachment, True)

    def test_moving_is_done_once_and_takes_up_where_it_stopped(self):
        Attachment = self.env["ir.attachment"]
        documents = self.env["ir.attachment"]
        for index in range(7):
            documents |= self.document(self.free_partner, b"%d" % index)
        self.free_partner._open_cards(self.custodian_east)
        self.env.flush_all()
        condition = self._only(documents)
        moves = Attachment._get_misplaced(condition, limit=3)
        self.assertEqual(Attachment._move_files(moves), 3)
        self.assertEqual(len(Attachment._get_misplaced(condition)), 4)
        self.assertEqual(
            Attachment._move_files(Attachment._get_misplaced(condition)), 4
        )
        self.assertFalse(Attachment._get_misplaced(condition))
        self.assertEqual(documents.mapped("raw"), [b"%d" % index for index in range(7)])

    @mute_logger("odoo.addons.customer_card.models.ir_attachment")
    def test_a_file_that_cannot_be_copied_stays_readable(self):
        attachment = self.document(self.free_partner, b"stays")
        self.free_partner._open_cards(self.custodian_east)
        self.env.flush_all()
        Attachment = self.env["ir.attachment"]
        moves = Attachment._get_misplaced(self._only(attachment))

        def full(self, old, new):
            raise OSError(28, "No space left on device")

        self.patch(type(Attachment), "_copy_file", full)
        self.assertEqual(Attachment._move_files(moves), 0)
        self.assertStored(attachment, False)
        self.assertEqual(attachment.raw, b"stays")

    def test_as_many_queries_for_one_as_for_a_hundred(self):
        counts = []
        for number in (1, 100):
            documents = self.env["ir.attachment"].create(
                [
                    {"name": "x", "raw": b"q%d-%d" % (number, index)}
                    for index in range(number)
                ]
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE ir_attachment SET res_model = 'res.partner', res_id = %s"
                " WHERE id = ANY(%s)",
                [self.card_east.id, documents.ids],
            )
            documents.invalidate_recordset()
            documents.mapped("store_fname")
            before = self.env.cr.sql_log_count
            documents._place_card_documents()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertStored(documents[-1], True)
        self.assertEqual(*counts)

    def _only(self, attachments):
        return SQL("id = ANY(%s)", attachments.ids)

    def _place(self):
        """The scheduled action, without its commits."""
        self.patch(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1
        )
        self.env["ir.attachment"]._cron_place_card_documents()

    # backup

    def test_the_files_of_a_backup_include_them(self):
        attachment = self.document(self.card_east)
        self.assertTrue(
            os.path.realpath(attachment._full_path(attachment.store_fname)).startswith(
                os.path.realpath(attachment._filestore()) + os.sep
            ),
            "below the filestore: Odoo's own dump, restore and duplicate take it along",
        )

    def test_a_linked_folder_is_packed_too(self):
        with tempfile.TemporaryDirectory() as root:
            store, disk = os.path.join(root, "store"), os.path.join(root, "disk")
            os.makedirs(os.path.join(store, "ab"))
            os.mkdir(disk)
            os.symlink(disk, os.path.join(store, FOLDER))
            for path in (os.path.join(store, "ab", "abc"), os.path.join(disk, "def")):
                with open(path, "wb") as stream:
                    stream.write(b"content")
            part = os.path.join(root, "archive.zip")
            backup_job._add_files(part, store, self.env.cr.dbname)
            with zipfile.ZipFile(part) as archive:
                self.assertEqual(
                    sorted(archive.namelist()),
                    ["filestore/ab/abc", f"filestore/{FOLDER}/def"],
                )

    # without this addon

    def test_odoo_alone_reads_writes_and_deletes_them(self):
        attachment = self.document(self.card_east, b"still readable")
        name = attachment.store_fname
        self.assertEqual(IrAttachment._file_read(attachment, name), b"still readable")
        self.assertEqual(
            os.path.abspath(attachment._full_path(name)),
            os.path.join(os.path.abspath(attachment._filestore()), name),
        )
        IrAttachment._set_attachment_data(attachment, lambda a: b"changed")
        self.assertStored(attachment, False)
        self.assertEqual(attachment.raw, b"changed")
        self.env.flush_all()
        IrAttachment._gc_file_store_unsafe(attachment)
        self.assertFalse(os.path.exists(attachment._full_path(name)))


@tagged("post_install", "-at_install")
class TestCardDocumentsHttp(DocumentCase, CustomerCardHttp):
    def test_a_document_is_served_to_whoever_may_see_the_card(self):
        attachment = self.document(self.card_east, b"served from there")
        self.assertStored(attachment, True)
        url = f"/web/content/{attachment.id}?download=1"
        self.authenticate("test_custodian_east", "test_custodian_east")
        answer = self.url_open(url)
        self.assertEqual(
            (answer.status_code, answer.content), (200, b"served from there")
        )
        self.authenticate("test_custodian_west", "test_custodian_west")
        self.assertNotEqual(self.url_open(url).status_code, 200)
