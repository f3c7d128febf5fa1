"""Bring the translations of every addon up to date with its terms.

make translations             all languages that are there
make translations ARGS=nl     a new language as well

Writes ``i18n/<addon>.pot`` from the test database and merges it into every
``i18n/<language>.po``: what is translated stays, what is gone goes, what is new is empty.
Prints what is left to translate. Needs an environment in which Odoo starts (``make``
sets it up).
"""

import io
import logging
import os
import sys
from pathlib import Path

import polib

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config
from odoo.tools.translate import trans_export

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE = os.environ["DB"]


def export(env, addon):
    """:return: the terms of ``addon`` as a polib file, without what changes daily"""
    with io.BytesIO() as buffer:
        trans_export(False, [addon], buffer, "po", env)
        pot = polib.pofile(buffer.getvalue().decode())
    for key in ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator"):
        pot.metadata.pop(key, None)
    for name in ("shortdesc", "summary"):
        module = env["ir.module.module"]._get(addon).with_context(lang="en_US")
        place = (f"model:ir.module.module,{name}:base.module_{addon}", "")
        if entry := pot.find(module[name]):
            entry.occurrences.append(place)
        else:
            pot.append(
                polib.POEntry(
                    msgid=module[name],
                    comment=f"module: {addon}",
                    occurrences=[place],
                )
            )
    # the exporter does not sort places, which made every export a new file
    for entry in pot:
        entry.occurrences.sort()
    return pot


def save(po, path):
    """Sorted and wrapped as ``make lint`` wants it."""
    po.wrapwidth = 78
    po.sort(key=lambda entry: entry.msgid)
    path.write_text(str(po), encoding="utf-8")


def merge(path, pot, language):
    """:return: the number of terms without translation"""
    po = polib.pofile(str(path)) if path.exists() else polib.POFile()
    po.metadata = {
        **pot.metadata,
        # a new file has none: fill in "Plural-Forms" by hand
        **{key: value for key, value in po.metadata.items() if value},
        "Language": language,
    }
    po.merge(pot)
    for entry in po.obsolete_entries():
        po.remove(entry)
    for entry in po:
        entry.comment = pot.find(entry.msgid, msgctxt=entry.msgctxt).comment
    save(po, path)
    # a word that is the same in both languages stays empty, as oca-checks-po wants it
    return len(po.untranslated_entries()) + len(po.fuzzy_entries())


def main(languages):
    config.parse_config([])
    logging.getLogger("odoo").setLevel(logging.ERROR)
    left = 0
    with Registry(DATABASE).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        for manifest in sorted(CHECKOUT.glob("*/__manifest__.py")):
            addon = manifest.parent.name
            folder = manifest.parent / "i18n"
            folder.mkdir(exist_ok=True)
            pot = export(env, addon)
            save(pot, folder / f"{addon}.pot")
            print(f"{addon}: {len(pot)} terms")
            present = {path.stem for path in folder.glob("*.po")}
            for language in sorted(present | set(languages)):
                missing = merge(folder / f"{language}.po", pot, language)
                left += missing
                print(f"  {language}: {missing} to translate")
    return left


if __name__ == "__main__":
    main(sys.argv[1:])
