"""How satisfied customers were with an episode: asked once, never twice within 24 h.

After an episode `Satisfaction` asks in the conversation itself: buttons in the widget, a menu message
in WeChat. The answer is a quick reply whose payload stays on the server (`rated_episode`, `rate`); on
the phone the hotline asks, if `may_ask` says so, and hands the key over (`by_key`). A low score opens
a case.
"""

from bot.satisfaction.rating import RATING, REASONS, rate, rated_episode, written_reason
from bot.satisfaction.service import Satisfaction

__all__ = ["RATING", "REASONS", "Satisfaction", "rate", "rated_episode", "written_reason"]
