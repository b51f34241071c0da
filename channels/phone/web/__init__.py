"""The browser phone: the page at ``/phone`` and the relay of its sound to the hotline.

The hotline's own port stays private; a browser talks to the service, which knows who may call and
passes frames on, both ways, unread.
"""

from channels.phone.web.routes import PhoneLimits, build_phone_page

__all__ = ["PhoneLimits", "build_phone_page"]
