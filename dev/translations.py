"""Bring the translations of every addon up to date with its terms.

make translations             all languages that are there
make translations ARGS=nl     a new language as well

Writes ``i18n/<addon>.pot`` from the test database and merges it into every
``i18n/<language>.po``: what is translated stays, what is gone goes, what is new is empty,
or as another addon of ours says it already. Prints what is left to translate. Needs an environment in which Odoo starts (``make``
sets it up).
"""

import io
import logging
import os
import sys
from dataclasses import dataclass, field
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


@dataclass
class Language:
    """What the addons so far say in a language."""

    code: str
    metadata: dict = field(default_factory=dict)
    terms: dict = field(default_factory=dict)


def merge(path, pot, language):
    """:param language: Language, which learns what the file says
    :return: the number of terms without translation"""
    is_new = not path.exists()
    po = polib.POFile() if is_new else polib.pofile(str(path))
    po.metadata = {
        **pot.metadata,
        # the very first file of a language has no "Plural-Forms": fill it in by hand
        **{key: value for key, value in language.metadata.items() if value},
        **{key: value for key, value in po.metadata.items() if value},
        "Language": language.code,
    }
    old = {entry.msgid for entry in po}
    po.merge(pot)
    for entry in po.obsolete_entries():
        po.remove(entry)
    for entry in po:
        entry.comment = pot.find(entry.msgid, msgctxt=entry.msgctxt).comment
        if entry.msgid not in old:
            entry.msgstr = language.terms.get(entry.msgid, "")
    language.metadata = po.metadata
    language.terms |= {entry.msgid: entry.msgstr for entry in po if entry.msgstr}
    save(po, path)
    # a word that is the same in both languages stays empty, as oca-checks-po wants it
    return len(po.untranslated_entries()) + len(po.fuzzy_entries())


def main(languages):
    config.parse_config([])
    logging.getLogger("odoo").setLevel(logging.ERROR)
    left = 0
    present = {path.stem for path in CHECKOUT.glob("*/i18n/*.po")}
    known = [Language(code) for code in sorted(present | set(languages))]
    with Registry(DATABASE).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        for manifest in sorted(CHECKOUT.glob("*/__manifest__.py")):
            addon = manifest.parent.name
            folder = manifest.parent / "i18n"
            folder.mkdir(exist_ok=True)
            pot = export(env, addon)
            save(pot, folder / f"{addon}.pot")
            print(f"{addon}: {len(pot)} terms")
            for language in known:
                missing = merge(folder / f"{language.code}.po", pot, language)
                left += missing
                print(f"  {language.code}: {missing} to translate")
    return left


if __name__ == "__main__":
    main(sys.argv[1:])
