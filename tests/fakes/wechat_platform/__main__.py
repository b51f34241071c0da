"""The platform alone: ``python -m tests.fakes.wechat_platform [PORT]``; prints the settings."""

import sys
import threading

from tests.fakes.wechat_platform.platform import WeChatPlatform

platform = WeChatPlatform(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
platform.start()
for name, value in platform.environment().items():
    print(f"{name}={value}")
sys.stdout.flush()
try:
    threading.Event().wait()
except KeyboardInterrupt:
    platform.stop()
