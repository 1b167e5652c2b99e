"""The topics of each agreement."""

from collections.abc import Mapping

from tenants.demo.topic import Topic
from tenants.demo.topics_open2bizz import OPEN2BIZZ
from tenants.demo.topics_oxygis import OXYGIS
from tenants.demo.topics_qixium import QIXIUM
from tenants.demo.topics_s4m import S4M

TOPICS: Mapping[str, tuple[Topic, ...]] = {
    "open2bizz": OPEN2BIZZ,
    "oxygis": OXYGIS,
    "qixium": QIXIUM,
    "s4m-support": S4M,
}
