"""Every benchmark: ``python -m benchmarks``."""

from benchmarks.hotline import main as hotline
from benchmarks.reports import write_all as reports
from benchmarks.turns import main as turns
from benchmarks.wechat import main as wechat

turns()
wechat()  # after turns, which writes the document anew
hotline(["--write"])
reports()
