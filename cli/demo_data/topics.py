"""The topics of each agreement."""

from collections.abc import Mapping

from cli.demo_data.topic import Topic
from cli.demo_data.topics_open2bizz import OPEN2BIZZ
from cli.demo_data.topics_oxygis import OXYGIS
from cli.demo_data.topics_qixium import QIXIUM
from cli.demo_data.topics_s4m import S4M

TOPICS: Mapping[str, tuple[Topic, ...]] = {
    "open2bizz": OPEN2BIZZ,
    "oxygis": OXYGIS,
    "qixium": QIXIUM,
    "s4m-support": S4M,
}
