"""How a name, a number or a code is compared: for finding a customer and for noticing
that two are the same. Text in, text or SQL out; nothing here touches the database."""

import re
import unicodedata
from difflib import SequenceMatcher

from odoo.tools import SQL

# Terms shorter than this are looked for as they are: no misspelling, no trigram.
FUZZY_LENGTH = 3
# A word of a name counts as a misspelling of the one typed from here on (0–1).
ALIKE = 0.65
# Longest term that is looked for, in characters.
TERM_LENGTH = 80
MAX_WORDS = 6
PHONE = re.compile(r"[\d\s()+./\-–]+")

# ------------------------------------------------------------
# TERMS
# ------------------------------------------------------------


def clean_term(term):
    """:return: what somebody typed, without what only looks different (full-width
    digits, runs of spaces), at most ``TERM_LENGTH`` characters"""
    text = unicodedata.normalize("NFKC", term if isinstance(term, str) else "")
    return " ".join(text.replace("\0", "").split())[:TERM_LENGTH].strip()


def get_phone_parts(term):
    """The digits by which a part of a phone number is found in whatever format.

    :param term: ``"0477 12"``, ``"+32 477/12"``, ``"(0)477.12"``
    :return: digits to look for inside a number: without prefix for international
        calls and without the zero that is only dialled at home; none when the term is
        no part of a number
    :rtype: list
    """
    if not PHONE.fullmatch(term):
        return []
    digits = re.sub(r"\D", "", term.replace("(0)", ""))
    # a zero in front is dialled at home only, two abroad only
    national = digits.lstrip("0") if digits.startswith("0") else digits
    return [national] if len(national) >= 3 else []


def get_code_part(term):
    """:return: a term like ``BE 0477.472.701`` as codes are stored, ``""`` when it has
    no digit or is too short for one"""
    code = re.sub(r"[^0-9a-zA-Z]", "", term)
    return code if re.search(r"\d", code) and len(code) >= 5 else ""


def get_swapped(word):
    """The commonest slip of the fingers: two letters in the wrong order. Trigrams do
    not see it in a short word.

    :return: the word with each pair of neighbours swapped
    """
    if not 4 <= len(word) <= 10:
        return []
    return [
        word[:index] + word[index + 1] + word[index] + word[index + 2 :]
        for index in range(len(word) - 1)
        if word[index] != word[index + 1]
    ]


def escape_like(text):
    """:return: the text as a pattern of LIKE that means just this text"""
    return re.sub(r"([\\%_])", r"\\\1", text)


# ------------------------------------------------------------
# LIKENESS
# ------------------------------------------------------------


def fold(text):
    """:return: the text without case and accents, character by character as long as
    before"""
    return "".join(
        unicodedata.normalize("NFD", character)[0].lower()[:1] or character
        for character in text
    )


def get_likeness(term, name):
    """How much a name looks like what was typed: the average over the typed words of
    the most similar word of the name.

    :return: 0–1
    """
    typed = re.findall(r"\w+", fold(term))
    words = re.findall(r"\w+", fold(name))
    if not typed or not words:
        return 0.0
    matcher = SequenceMatcher(autojunk=False)
    total = 0.0
    for one in typed:
        matcher.set_seq2(one)
        best = 0.0
        for word in words:
            # what follows is not typed yet, or a name without spaces
            for part in {word, word[: len(one)]}:
                matcher.set_seq1(part)
                if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                    best = max(best, matcher.ratio())
        total += best
    return total / len(typed)


def mark_found(text, term):
    """Mark where a term stands in a text, for highlighting.

    :return: ``[(piece of the text, whether it was found), …]``
    """
    folded = fold(text)
    found = [False] * len(text)
    for word in (fold(term), *fold(term).split()):
        for match in re.finditer(re.escape(word), folded):
            found[match.start() : match.end()] = [True] * len(word)
    for part in get_phone_parts(term):
        # between two digits anything but a letter may stand
        for match in re.finditer(r"[^\w]*".join(part), folded):
            size = match.end() - match.start()
            found[match.start() : match.end()] = [True] * size
    pieces = []
    for character, is_found in zip(text, found, strict=True):
        if pieces and pieces[-1][1] == is_found:
            pieces[-1] = (pieces[-1][0] + character, is_found)
        else:
            pieces.append((character, is_found))
    return pieces


# ------------------------------------------------------------
# KEYS (immutable SQL expressions, for indexes and for the queries that use them)
# ------------------------------------------------------------

ACCENTED = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįłñńňòóôõöøōőŕřśšşșťțùúûüūůűųýÿźżž"
PLAIN = "".join(unicodedata.normalize("NFD", letter)[0] for letter in ACCENTED)
PLAIN = PLAIN.translate(str.maketrans("đłø", "dlo"))
# Written without spaces: taken out wherever they stand.
LEGAL_FORMS_CJK = (
    "股份有限公司|有限責任公司|有限责任公司|有限公司|集團|集团|公司|株式会社|有限会社|合同会社"
    "|주식회사|유한회사|유한책임회사|\\(주\\)|\\(유\\)|\\(株\\)|\\(有\\)|㈜|㈱|（주）|（株）"
)
LEGAL_FORMS = (
    "ltd|limited|ltda|limitada|llc|llp|lp|plc|inc|incorporated|corp|corporation|co"
    "|company|cie|gmbh|mbh|ag|kg|kgaa|ohg|ug|ek|ev|eg|se|sa|sas|sasu|sarl|eurl|snc|sca"
    "|scs|sci|srl|spa|sl|slu|cv|de cv|bv|nv|vof|ab|as|asa|aps|oy|oyj|kft|zrt|nyrt"
    "|sp z oo|spzoo|sro|doo|ood|eood|ooo|oao|zao|pao|pte|pty|pvt|private|public|bhd"
    "|sdn|kk|gk|yk|jsc|pjsc|holding|holdings|group|the|and|und|et|y"
)


def get_digits_sql(column):
    """:return: SQL (str) for nothing but the digits of a column"""
    return f"regexp_replace({column}, '[^0-9]', '', 'g')"


def get_code_sql(column):
    """:return: SQL (str) for a tax id without spaces, dots and case"""
    return f"upper(regexp_replace({column}, '[^0-9A-Za-z]', '', 'g'))"


def get_bare_code_sql(column):
    """:return: SQL (str) for a tax id without the two letters of its country"""
    return f"regexp_replace({get_code_sql(column)}, '^[A-Z][A-Z]', '')"


def get_name_key_sql(column):
    """What two spellings of a company's name have in common: no case, no accents, no
    punctuation, no legal form. *Alpha Foods Ltd.* and *ALPHA FOODS LIMITED* share one
    key; a name that is nothing but a legal form has none.

    :return: SQL (str), NULL for no key
    """
    text = f"translate(lower({column}), '{ACCENTED}', '{PLAIN}')"
    text = f"regexp_replace({text}, '{LEGAL_FORMS_CJK}', ' ', 'g')"
    text = f"regexp_replace({text}, '[.''’`·・]', '', 'g')"
    # what a letter is beyond ASCII depends on the database's locale
    text = f"regexp_replace({text}, '[^0-9a-z\\u0080-\\uffff]+', ' ', 'g')"
    text = f"regexp_replace({text}, '\\m({LEGAL_FORMS})\\M', '', 'g')"
    return f"nullif(replace({text}, ' ', ''), '')"


#: columns of a contact by which it is found, beside its phone and its address
CODES = ("card_number", "ref", "email", "vat")
ADDRESS = ("street", "street2", "zip", "city")


def get_address_sql(table=""):
    """:return: SQL (str) for an address in one line"""
    return " || ' ' || ".join(f"coalesce({table}{name}, '')" for name in ADDRESS)


def get_search_text_sql(table=""):
    """All by which a contact is found, one entry a line: with one trigram index on it
    a search reads one index, not ten.

    :param table: prefix of the columns, ``"res_partner."``
    :return: SQL (str)
    """
    columns = [f"coalesce({table}{name}, '')" for name in ("name", *CODES)]
    columns += [
        f"coalesce({get_digits_sql(f'{table}phone')}, '')",
        f"coalesce({table}phone_sanitized, '')",
        get_address_sql(table),
    ]
    return " || chr(10) || ".join(columns)


def raw(text):
    """:return: SQL for a text of this module, never for one that a user typed"""
    return SQL(text.replace("%", "%%"))  # pylint: disable=sql-injection
