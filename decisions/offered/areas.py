"""Areas of products and contacts: CN = anywhere, BJ = Beijing, or a GB/T 2260 code with all that lies in it."""

from collections.abc import Mapping
from types import MappingProxyType

from decisions.text import Text

BEIJING = "110000"
NATIONWIDE = "CN"

AREA_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        NATIONWIDE: Text(zh="全国", en="anywhere"),
        "BJ": Text(zh="北京市", en="Beijing"),
        "110101": Text(zh="东城区", en="Dongcheng"),
        "110102": Text(zh="西城区", en="Xicheng"),
        "110105": Text(zh="朝阳区", en="Chaoyang"),
        "110106": Text(zh="丰台区", en="Fengtai"),
        "110107": Text(zh="石景山区", en="Shijingshan"),
        "110108": Text(zh="海淀区", en="Haidian"),
        "110109": Text(zh="门头沟区", en="Mentougou"),
        "110111": Text(zh="房山区", en="Fangshan"),
        "110112": Text(zh="通州区", en="Tongzhou"),
        "110113": Text(zh="顺义区", en="Shunyi"),
        "110114": Text(zh="昌平区", en="Changping"),
        "110115": Text(zh="大兴区", en="Daxing"),
        "110116": Text(zh="怀柔区", en="Huairou"),
        "110117": Text(zh="平谷区", en="Pinggu"),
        "110118": Text(zh="密云区", en="Miyun"),
        "110119": Text(zh="延庆区", en="Yanqing"),
    }
)
"""The districts of Beijing by GB/T 2260 (seen); other places go by their code."""


def named(area: str) -> Text:
    """The name of an area, and its code where it is no word."""
    name = AREA_NAMES.get(area)
    if name is None:
        return Text(zh=area, en=area)
    return name if area.isalpha() else Text(zh=f"{name.zh} {area}", en=f"{name.en} {area}")


def covers(area: str, district: str | None) -> bool:
    """Whether a place lies wholly in an area; one that is not known lies only in the whole country."""
    return area == NATIONWIDE or (district is not None and stem(district).startswith(stem(area)))


def narrowness(area: str) -> int:
    """0 for the whole country, 2 for a province, 4 for a city, 6 for a district."""
    return 0 if area == NATIONWIDE else len(stem(area))


def stem(code: str) -> str:
    """A code without its trailing pairs of zeros: 110000 -> 11, 440300 -> 4403; BJ is read as 110000."""
    code = BEIJING if code == "BJ" else code
    while len(code) > 2 and code.endswith("00"):  # noqa: PLR2004 - the first pair of digits is the province
        code = code[:-2]
    return code
