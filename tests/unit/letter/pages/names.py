"""Names as nobody should write them, and a letter that carries one."""

from adapter.letter import Letter, letter
from mappings.texts import load
from tests.unit.letter.patients import decision, people, record

SCRIPT = "<script>alert('1')</script> & \"Co\""


HEBREW = "אברהם כהן"


ARABIC = "فاطمة الزهراء"


CHINESE = "王小明"


HOSTILE = [
    SCRIPT,
    '#import "x.typ" $x$ *bold* `raw` @ref <label> \\u{41} #sys.inputs',
    "{{ 7 * 7 }} {% raw %} {name}",
    "A" * 300,
    "Ann-Sofie " * 30,
    HEBREW,
    ARABIC,
    CHINESE,
    "Zoë Łukasz Ñandú Çelik-Ötzi",
    "nul\x00byte\x1b[31m\r\nBcc: x",
    "\u202egpj.exe\u2066 \u200f",
    "\ud800 lone surrogate \ufffe",
    "😀 emoji",
    "' OR 1=1 --",
]


def written(name: str = "A. de Vries", language: str = "en") -> Letter:
    return letter(
        decision(), record(), people(patient_name=name, recipient=name, organisation=name), load(language)
    )
